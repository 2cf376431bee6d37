"""Every check by the id that messages end with: what it means and what to do. docs/lifecycle-files.md shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """meaning: what is wrong when the check finds something. remedy: what to do."""

    id: str
    meaning: str
    remedy: str


_TABLE = (
    # How the file is written
    (
        "yaml",
        "The file is not YAML, or uses a part of YAML that is not read (tags, a second document).",
        "Look at quotes and indentation at that place.",
    ),
    ("duplicate-key", "A key stands twice in one mapping.", "Keep one."),
    ("key-not-text", "A key is a number, true, false or null.", "Put it in quotes."),
    ("unknown-key", "A key that lifecycle files do not have.", "Correct the spelling, or delete it."),
    ("missing-key", "A key that must be there is not.", "Add it."),
    (
        "name",
        "A name is too long or has characters that names do not have.",
        "Use up to 64 letters, digits, `_` and `-`.",
    ),
    (
        "value",
        "A value of the wrong kind: a text for a list, a word that is not among those possible.",
        "Write what the message says.",
    ),
    (
        "bad-duration",
        "A duration, date or reminder that cannot be read.",
        "Write `10 working days`, `2026-06-09`, `3 working days before`.",
    ),
    ("reserved-name", "A state called `origin` or a role called `anyone`.", "Choose another name."),
    # Names that name nothing
    ("unknown-state", "There is no such state.", "Correct the name, or declare it under `states:`."),
    ("unknown-stage", "There is no such stage.", "Correct the name, or declare it under `stages:`."),
    ("unknown-role", "There is no such role.", "Correct the name, or declare it under `roles:`."),
    ("unknown-transition", "There is no such transition.", "Correct the name, or declare it under `transitions:`."),
    ("unknown-record", "There is no such record kind.", "Correct the name, or declare it under `records:`."),
    ("unknown-field", "The record kind has no such field.", "Correct the name, or add it to `fields:`."),
    ("unknown-link", "There is no such kind of link.", "Correct the name, or declare it under `links:`."),
    (
        "unknown-guard",
        "There is no such guard.",
        "Correct the name (docs/guards.md), or install the package that brings it.",
    ),
    ("unknown-notice", "The notice has no templates.", "Correct the name, or add templates for it."),
    ("unknown-zone", "There is no such time zone.", "Write one as `Europe/Berlin`."),
    (
        "unknown-calendar",
        "There is no such working-day calendar.",
        "Correct the name, or add a file to `config/calendars`.",
    ),
    ("unknown-body", "The programme has no such body.", "Correct the name, or add it to the programme file."),
    ("unknown-unit", "The programme has no such office.", "Correct the name, or add it to the programme file."),
    ("unknown-office", "The programme has no such office.", "Correct the name, or add it under `offices:`."),
    ("unknown-region", "No holidays are known for that country or part of it.", "Write its ISO 3166 code: `DE`, `NW`."),
    ("unknown-city", "The programme has no such city.", "Correct the name, or add it to the programme file."),
    # States and the ways between them
    (
        "unreachable-state",
        "No chain of transitions leads from the initial state to this one.",
        "Add a transition that leads there, or delete the state.",
    ),
    ("no-final-state", "No state has the tag `final`.", "Give the states in which the way ends `tags: [final]`."),
    ("cannot-finish", "From this state no final state can be reached.", "Add a transition towards a final state."),
    (
        "one-person",
        "Only one person (a role on the item) can move an item on, and no clock runs. Creators may keep their drafts.",
        "Add a deadline, a second role, or a transition with `fire: expiry`.",
    ),
    ("automatic-cycle", "Automatic transitions lead round in a circle.", "Let a person or the clock fire one of them."),
    (
        "misplaced-origin",
        "`to: origin` from a state that does not pause.",
        "Name the target, or give the state `pauses: true`.",
    ),
    (
        "misplaced-pause",
        "A pausing state is entered from another one, or is the initial state.",
        "Lead back to `origin` first.",
    ),
    ("empty-stage", "No state belongs to the stage.", "Delete the stage, or give a state to it."),
    # Transitions
    (
        "nobody-may-fire",
        "The transition has no role, or none that anybody could ever hold.",
        "Add `roles:`; say in `assign:` who gives an item's role to people.",
    ),
    (
        "indistinct-ways",
        "Of two ways, or two transitions that fire by themselves, one is never taken.",
        "Put the one with more guards first, the one without guards last.",
    ),
    (
        "form-not-writable",
        "The transition's form cannot be written in a state it leaves, or not by a role that fires it.",
        "Adjust `while:`, `visit:`, `write:` of the record kind.",
    ),
    ("form-without-person", "A transition that fires by itself has a form.", "Let a guard ask for the record."),
    ("expiry-without-deadline", "`fire: expiry` from a state without a deadline.", "Give the state a deadline."),
    (
        "guard-without-person",
        "A guard that looks at who acts stands on a transition that fires by itself.",
        "Delete the guard, or let a person fire it.",
    ),
    (
        "impossible-guard",
        "A guard that can never hold: no such record is there by then, or no such value, or not so many.",
        "Change the guard or the record kind as the message says.",
    ),
    ("role-without-work", "Nothing names the role.", "Delete it, or name it where it acts."),
    # The submission form
    (
        "not-from-the-start",
        "The transition that ends the submission form does not leave the state a new item is in.",
        "Name one that does, or leave `submit:` out.",
    ),
    ("never-asked", "The submission form never asks for a field that must be filled in.", "Add it to a step."),
    ("asked-twice", "Two steps of the submission form ask for the same.", "Ask for it once."),
    ("asks-nothing", "A step of the submission form asks for nothing.", "Give it `fields`, `record` or `asks`."),
    # Deadlines
    ("deadline-without-responsible", "Nobody is responsible for a deadline.", "Add `responsible:` with a role."),
    (
        "duplicate-deadline",
        "Two deadlines of the lifecycle have the same key, or one has that of a recurring transition.",
        "Give each a `key:` of its own.",
    ),
    (
        "missing-calendar",
        "Working days are counted, and the file names no calendar.",
        "Add `calendar:`, or count days, weeks, months.",
    ),
    (
        "not-a-date",
        "A date is counted from a field that holds none, or said to have `happened`.",
        "Name a field with `format: date`.",
    ),
    # Records
    (
        "unwritable-record",
        "Nobody may write the record kind, or in no state, or not where a role is said to.",
        "Adjust `write:`, `while:`, `visit:`.",
    ),
    ("unwritable-link", "Nobody may set links of that kind.", "Add `write:` with the roles that may."),
    (
        "field-type",
        "A field without a type, or with a keyword, a value or `sets:` that does not fit its type; votes of no body.",
        "Change the type or the keyword.",
    ),
    (
        "impossible-field",
        "No value fits the field: a minimum above the maximum, a pattern that is none.",
        "Correct it.",
    ),
    ("sheet-without-title", "The record kind that new items begin with has no text field `title`.", "Add one."),
    ("sheet-per-item", "The record kind that new items begin with is not one an item.", "Write `per: item`."),
    ("creator-scope", "The role in `created_by:` is not a role on the item.", "Give it `scope: item`."),
)

CHECKS = {id_: Check(id_, meaning, remedy) for id_, meaning, remedy in _TABLE}
