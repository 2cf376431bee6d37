"""What things are called and who can help: the parts that the sentences of blockers are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from states.lifecycle import ANYONE, Lifecycle
from states.sentences import Text

NOBODY = Text(de="niemand", en="nobody")
EVERYBODY = Text(de="alle", en="everybody")


def german_day(day: str) -> str:
    """2026-06-09 as a German sentence writes it: `9.6.2026`, 2026-06 as `6.2026`; anything else as it is."""
    parts = day.split("-")
    return ".".join(str(int(part)) for part in reversed(parts)) if all(map(str.isdecimal, parts)) else day


def roles(lifecycle: Lifecycle, keys: Iterable[str]) -> list[Text]:
    """What these roles are called; "nobody" where there is none."""
    return [_role(lifecycle, key) for key in dict.fromkeys(keys)] or [NOBODY]


def writers(lifecycle: Lifecycle, kind: str, state: str) -> list[Text]:
    """What the roles are called that may write a record kind in `state`: on its own, or as the form of a transition."""
    record = lifecycle.records[kind]
    keys = list(record.writers(state)) if not record.states or state in record.states else []
    if not record.write:
        keys = [role for move in lifecycle.leaving[state] if move.form == kind for role in move.roles]
    return roles(lifecycle, keys or record.write)


def label(lifecycle: Lifecycle, kind: str) -> Text:
    """What a record kind is called; its key where the kind is of another lifecycle."""
    record = lifecycle.records.get(kind)
    return record.label if record else Text(kind, kind)


def fields(lifecycle: Lifecycle, kind: str, keys: Iterable[str]) -> list[Text]:
    """What these fields of a record kind are called."""
    return [field(lifecycle, kind, key) for key in keys]


def field(lifecycle: Lifecycle, kind: str, key: str) -> Text:
    record = lifecycle.records.get(kind)
    declared = record.fields.get(key) if record else None
    return declared.label if declared else Text(key, key)


def states(lifecycle: Lifecycle, keys: Iterable[str]) -> list[Text]:
    """What these states are called."""
    return [lifecycle.states[key].label if key in lifecycle.states else Text(key, key) for key in keys]


def _role(lifecycle: Lifecycle, key: str) -> Text:
    if key == ANYONE:
        return EVERYBODY
    declared = lifecycle.roles.get(key)
    return declared.label if declared else Text(key, key)


def values(lifecycle: Lifecycle, kind: str, key: str, these: Iterable[object]) -> Text:
    """What these values of a field are called, where its `enum:` says so: „offen“ oder „erreicht“."""
    record = lifecycle.records.get(kind)
    declared = record.fields.get(key) if record else None
    labels = declared.schema.get("x-labels", {}) if declared else {}
    return either(Text(**labels[one]) if one in labels else _plain(one) for one in these)


def either(these: Iterable[Text]) -> Text:
    """The texts in quotes, of which one is meant."""
    texts = list(these)
    return Text(" oder ".join(f"„{one.de}“" for one in texts), " or ".join(f"“{one.en}”" for one in texts))


def choice(known: Sequence[str], value: str) -> Text:
    """The names that come close to a wrong one, or all where they are few: "a oder b", "a or b"."""
    near = known if len(known) <= 12 else closest(value, known)
    return Text(" oder ".join(near), " or ".join(near))


def closest(name: str, known: Sequence[str]) -> Sequence[str]:
    """The names that come close to a wrong one, or all."""
    return get_close_matches(name, known, n=3) or known


def _plain(value: object) -> Text:
    if isinstance(value, bool):
        return Text("ja", "yes") if value else Text("nein", "no")
    return Text(str(value), str(value))
