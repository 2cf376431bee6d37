"""Does every name in the file name something? Guards look after their own parameters (`parameters.py`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from states.checks.subject import Subject, fault, value_fault
from states.deadline_rules import DeadlineRule, Relative
from states.document import Path
from states.errors import nearest
from states.faults import Fault
from states.lifecycle import ANYONE, ORIGIN, Effect, Lifecycle, State, Transition
from states.programme import Programme
from states.record_kinds import Per, Picture, RecordKind
from states.sentences import Sentence, said

_WORDS = {
    "record": Sentence("die Formularart", "record kind"),
    "link": Sentence("die Linkart", "kind of link"),
    "body": Sentence("das Gremium im Programm", "body of the programme"),
    "unit": Sentence("die Stelle im Programm", "office of the programme"),
    "office": Sentence("die Stelle", "office"),
    "city": Sentence("die Stadt", "city"),
    "role": Sentence("die Rolle", "role"),
    "state": Sentence("den Zustand", "state"),
    "stage": Sentence("die Phase", "stage"),
    "transition": Sentence("den Übergang", "transition"),
    "field": Sentence("das Feld", "field"),
    "calendar": Sentence("den Kalender", "calendar"),
    "notice": Sentence("die Benachrichtigung", "notice"),
    "provenance": Sentence("die Herkunft", "provenance"),
}


def unknown(what: str, name: str, path: Path, known: Iterable[str]) -> Fault:
    """The fault of a name that names nothing, with the nearest names."""
    words = _WORDS.get(what, what)
    message = said("Es gibt {words} „{name}“ nicht.", "There is no {words} {name!r}.", words=words, name=name)
    return value_fault(f"unknown-{what}", path, message, nearest(name, list(known)))


def names(subject: Subject) -> Iterator[Fault]:
    """Every name outside of guards that names nothing."""
    lifecycle = subject.lifecycle
    yield from _reserved(lifecycle)
    yield from _of_file(subject)
    for key, role in lifecycle.roles.items():
        yield from _each("role", role.assign, ("roles", key, "assign"), _roles(lifecycle))
    for state in lifecycle.states.values():
        yield from _of_state(subject, state)
    for move in lifecycle.transitions.values():
        yield from _of_transition(subject, move)
    for kind in lifecycle.records.values():
        if kind.place is not None:  # not the sheet that the loader supplied
            yield from _of_record(lifecycle, kind)
    for key, link in lifecycle.links.items():
        yield from _each("role", link.write, ("links", key, "write"), _roles(lifecycle))


def base(relative: Relative, path: Path, subject: Subject) -> Iterator[Fault]:
    """What is wrong with the date that a due date or a limit counts from."""
    lifecycle, programme = subject.lifecycle, subject.programme
    after = (*path, "after")
    if relative.of is not None:
        yield from _one("link", relative.of, (*path, "of"), lifecycle.links)
        return  # the record is the linked item's, whose lifecycle stands in another file
    kind = lifecycle.records.get(relative.record)
    if kind is None:
        yield unknown("record", relative.record, after, lifecycle.records)
        return
    yield from date_field(kind, relative.field, after)
    if relative.key:
        yield from record_key(kind, relative.key, (*path, "key"), programme)


def date_field(kind: RecordKind, name: str, path: Path) -> Iterator[Fault]:
    """What is wrong with `name` as a date field of the kind."""
    field = kind.fields.get(name)
    if field is None:
        yield unknown("field", name, path, kind.fields)
    elif field.schema.get("format") not in ("date", "partial_date"):
        message = Sentence(
            f"Das Feld „{name}“ von „{kind.key}“ ist kein Datum.",
            f"Field {name!r} of record kind {kind.key!r} is no date.",
        )
        dates = [key for key, one in kind.fields.items() if one.schema.get("format") in ("date", "partial_date")]
        known = ", ".join(dates)
        hint = (
            Sentence(f"Nennen Sie ein Datumsfeld: {known}.", f"Name a date field: {known}.")
            if dates
            else Sentence("Geben Sie ihm `type: string, format: date`.", "Give it `type: string, format: date`.")
        )
        yield value_fault("not-a-date", path, message, hint)


def record_key(kind: RecordKind, key: str, path: Path, programme: Programme | None) -> Iterator[Fault]:
    """What is wrong with `key` as the key of a record of the kind."""
    if kind.per is Per.ITEM:
        message = Sentence(
            f"Ein Vorgang hat „{kind.key}“ nur einmal; einen Schlüssel „{key}“ gibt es dazu nicht.",
            f"An item has one record {kind.key!r}; it has no key {key!r}.",
        )
        yield value_fault(
            "impossible-guard",
            path,
            message,
            Sentence(
                "Lassen Sie den Schlüssel weg, oder geben Sie der Art `per: key`.",
                "Leave the key out, or let the kind be `per: key`.",
            ),
        )
    elif programme is not None and kind.per in (Per.BODY, Per.UNIT, Per.CITY):
        known = {Per.BODY: programme.bodies, Per.UNIT: programme.offices, Per.CITY: programme.cities}[kind.per]
        yield from _one(kind.per.value, key, path, known)


def _roles(lifecycle: Lifecycle) -> list[str]:
    return [*lifecycle.roles, ANYONE]


def _one(what: str, name: str | None, path: Path, known: Collection[str]) -> Iterator[Fault]:
    if name is not None and name not in known:
        yield unknown(what, name, path, known)


def _each(what: str, names: Iterable[str], path: Path, known: Collection[str]) -> Iterator[Fault]:
    for at, name in enumerate(names):
        yield from _one(what, name, (*path, at), known)


def _reserved(lifecycle: Lifecycle) -> Iterator[Fault]:
    taken = [("states", ORIGIN, lifecycle.states), ("roles", ANYONE, lifecycle.roles)]
    for section, name, entries in taken:
        if name in entries:
            message = Sentence(
                f"Der Name „{name}“ hat eine eigene Bedeutung.", f"The name {name!r} has a meaning of its own."
            )
            yield fault(
                "reserved-name",
                (section, name),
                message,
                Sentence("Wählen Sie einen anderen Namen.", "Choose another name."),
            )


def _of_file(subject: Subject) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    if lifecycle.initial:
        yield from _one("state", lifecycle.initial, ("initial",), lifecycle.states)
    yield from _one("role", lifecycle.created_by, ("created_by",), lifecycle.roles)
    yield from _each("role", lifecycle.create, ("create",), _roles(lifecycle))
    yield from _each("role", lifecycle.correct, ("correct",), _roles(lifecycle))
    yield from _each("role", lifecycle.extend or (), ("extend",), _roles(lifecycle))
    yield from _each("role", lifecycle.documents.attach or (), ("documents", "attach"), _roles(lifecycle))
    yield from _each("role", lifecycle.documents.publish, ("documents", "publish"), _roles(lifecycle))
    yield from _one("record", lifecycle.sheet, ("sheet",), lifecycle.records)
    yield from _of_ranking(lifecycle)
    yield from _of_agenda(lifecycle)
    yield from _of_transfer(subject)
    if subject.calendars is not None:
        yield from _one("calendar", lifecycle.calendar, ("calendar",), subject.calendars)


def _of_ranking(lifecycle: Lifecycle) -> Iterator[Fault]:
    """The names of the round's own file; records and states of candidates stand in theirs."""
    ranking = lifecycle.ranking
    if ranking is None:
        return
    yield from _each("role", ranking.roles, ("ranking", "roles"), lifecycle.roles)
    sheet = lifecycle.records.get(lifecycle.sheet or "")
    for name, field in (("budget", ranking.budget), ("capacity", ranking.capacity)):
        if sheet is not None:
            yield from _one("field", field, ("ranking", name), sheet.fields)


def _of_agenda(lifecycle: Lifecycle) -> Iterator[Fault]:
    """The names of the session's own file; records of items on the agenda stand in theirs."""
    agenda = lifecycle.agenda
    sheet = lifecycle.records.get(lifecycle.sheet or "")
    if agenda is None or sheet is None:
        return
    yield from _each("role", agenda.roles, ("agenda", "roles"), lifecycle.roles)
    yield from _one("field", agenda.key, ("agenda", "key"), sheet.fields)
    for name, source in agenda.fill.items():
        yield from _one("field", source, ("agenda", "fill", name), sheet.fields)
    if agenda.done and (kind := lifecycle.records.get(agenda.done[0])):
        yield from date_field(kind, agenda.done[1], ("agenda", "done"))
    elif agenda.done:
        yield unknown("record", agenda.done[0], ("agenda", "done"), lifecycle.records)


def _of_transfer(subject: Subject) -> Iterator[Fault]:
    lifecycle, programme = subject.lifecycle, subject.programme
    transfer, sheet = lifecycle.transfer, lifecycle.records.get(lifecycle.sheet or "")
    if transfer is None or sheet is None:
        return
    yield from _one("field", transfer.address, ("transfer", "address"), sheet.fields)
    yield from _one("field", transfer.number, ("transfer", "number"), sheet.fields)
    if programme is not None:
        yield from _one("provenance", transfer.provenance, ("transfer", "provenance"), programme.provenance)


def _of_state(subject: Subject, state: State) -> Iterator[Fault]:
    lifecycle = subject.lifecycle
    yield from _one("stage", state.stage, ("states", state.key, "stage"), lifecycle.stages)
    for path, rule in placed(state):
        yield from _one("role", rule.responsible, (*path, "responsible"), lifecycle.roles)
        yield from _one("record", rule.until, (*path, "until"), lifecycle.records)
        for at, step in enumerate(rule.escalate):
            yield from _one("role", step.to, (*path, "escalate", at, "to"), lifecycle.roles)
        if isinstance(rule.due, Relative):
            yield from base(rule.due, (*path, "due"), subject)


def placed(state: State) -> Iterator[tuple[Path, DeadlineRule]]:
    """The deadlines of a state with their paths."""
    for at, rule in enumerate(state.deadlines):
        yield ("states", state.key, "deadline", at), rule


def _of_transition(subject: Subject, move: Transition) -> Iterator[Fault]:
    if move.recurrence and isinstance(move.recurrence.until, Relative):
        yield from base(move.recurrence.until, ("transitions", move.key, "fire", "until"), subject)
    lifecycle, path = subject.lifecycle, ("transitions", move.key)
    yield from _each("state", move.sources, (*path, "from"), lifecycle.states)
    for at, way in enumerate(move.ways):
        if way.state:
            yield from _one("state", way.state, (*path, "to", at, "state"), [*lifecycle.states, ORIGIN])
    yield from _each("role", move.roles, (*path, "roles"), _roles(lifecycle))
    yield from _one("record", move.form, (*path, "form"), lifecycle.records)
    for at, notice in enumerate(move.notify):
        if subject.notices is not None:
            yield from _one("notice", notice.name, (*path, "notify", at, "notice"), subject.notices)
        yield from _each("role", notice.to, (*path, "notify", at, "to"), lifecycle.roles)
    for at, effect in enumerate(move.effects):
        yield from _of_effect(lifecycle, effect, (*path, "then", at))


def _of_effect(lifecycle: Lifecycle, effect: Effect, path: Path) -> Iterator[Fault]:
    if effect.incoming:
        return  # the link is declared by the lifecycle of the items that point here, and the transition is theirs
    link = lifecycle.links.get(effect.link)
    if link is None:
        yield unknown("link", effect.link, (*path, "link"), lifecycle.links)
    elif link.to == (lifecycle.key,):
        yield from _one("transition", effect.transition, (*path, "transition"), lifecycle.transitions)
        yield from _each("state", effect.states, (*path, "states"), lifecycle.states)


def _of_record(lifecycle: Lifecycle, kind: RecordKind) -> Iterator[Fault]:
    path: Path = ("records", kind.key)
    yield from _each("state", kind.visit, (*path, "visit"), lifecycle.states)
    yield from _each("state", kind.states, (*path, "while"), lifecycle.states)
    for at, role in enumerate(kind.write):
        limited = role in kind.write_only_in
        place = (*path, "write", at, role) if limited else (*path, "write", at)
        for wrong in _one("role", role, place, _roles(lifecycle)):
            yield wrong._replace(value=not limited)
        yield from _each("state", kind.write_only_in.get(role, ()), (*path, "write", at, role), lifecycle.states)
    yield from _each("role", kind.read.roles, (*path, "read", "roles"), lifecycle.roles)
    for name, field in kind.fields.items():
        if field.happened:
            yield from date_field(kind, name, (*path, "fields", name, "happened"))
    yield from _each("field", kind.votes, (*path, "votes"), kind.fields)
    if kind.votes and kind.per is not Per.BODY:
        message = Sentence(
            f"„{kind.key}“ zählt Stimmen, gehört aber zu keinem Gremium.",
            f"Record kind {kind.key!r} counts votes, and is of no body.",
        )
        hint = Sentence("Schreiben Sie `per: body`, oder streichen Sie `votes:`.", "Write `per: body`, or delete it.")
        yield value_fault("field-type", (*path, "votes"), message, hint)
    if kind.picture is not None:
        yield from _of_picture(lifecycle, kind, kind.picture, (*path, "picture", str(kind.picture.shows)))


def _of_picture(lifecycle: Lifecycle, kind: RecordKind, picture: Picture, path: Path) -> Iterator[Fault]:
    yield from _each("field", picture.parts, path, kind.fields)
    measured = lifecycle.records.get(picture.fields.get("by", ""))
    for role, one in picture.fields.items():
        if role == "by":
            yield from _one("record", one, (*path, role), lifecycle.records)
        elif role in ("value", "on"):
            yield from _one("field", one, (*path, role), measured.fields if measured else [one])
        else:
            yield from _one("field", one, (*path, role), kind.fields)
