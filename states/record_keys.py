"""Which of an item's records of a kind one is, and whose word: the body, unit or city that its writer speaks for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from states import wording
from states.blockers import Blocker, blocker
from states.lifecycle import ANYONE, Lifecycle
from states.programme import Body, City, Office, Programme
from states.record_kinds import Per, RecordKind
from states.roles import concerns, covers, grants_in
from states.sentences import Text
from states.snapshot import Snapshot

FREE_KEY = re.compile(r"\w[\w.-]{0,63}")


def key_of(
    lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, key: str, writers: tuple[str, ...]
) -> tuple[str | None, list[Blocker]]:
    """The key that a record of the kind gets, where `key` was given and `writers` may write it; or None and why not."""
    match kind.per:
        case Per.ITEM:
            if key:
                return None, [_wrong_key(kind, key, Text("es gibt nur einen Eintrag", "there is only one"))]
            return "", []
        case Per.PERSON:
            return _person_key(snapshot, kind, key)
        case Per.KEY:
            if FREE_KEY.fullmatch(key):
                return key, []
            right = Text(
                "einen eigenen Schlüssel aus höchstens 64 Buchstaben, Ziffern, Punkt, _ und -",
                "a key of its own, of up to 64 letters, digits, dot, _ and -",
            )
            return None, [_wrong_key(kind, key, right)]
        case _:
            return _voice_key(lifecycle, snapshot, kind, key, writers)


def voices(lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, writers: tuple[str, ...]) -> list[str]:
    """The bodies, units or cities that the actor speaks for as one of `writers`; [] for a kind that is of none."""
    grants = grants_in(lifecycle, snapshot, writers)
    return [
        one
        for one in _known_voices(snapshot.programme, kind.per)
        if _concerned(snapshot, kind.per, one)
        and (ANYONE in writers or any(covers(grant, kind.per, one, snapshot.programme) for grant in grants))
    ]


def _person_key(snapshot: Snapshot, kind: RecordKind, key: str) -> tuple[str | None, list[Blocker]]:
    """Everybody speaks for themselves: the actor, or the person whose deputy they are."""
    represented = snapshot.represented
    own = (represented or snapshot.actor).id
    if key not in ("", own) or (represented is not None and not snapshot.deputy):
        return None, [
            blocker(
                "not_own",
                "„{label}“ schreibt jede Person für sich selbst; für eine andere nur in Vertretung.",
                "“{label}” is written by each person for themselves; for somebody else as their deputy only.",
                label=kind.label,
                record=kind.key,
            )
        ]
    return own, []


def _voice_key(
    lifecycle: Lifecycle, snapshot: Snapshot, kind: RecordKind, key: str, writers: tuple[str, ...]
) -> tuple[str | None, list[Blocker]]:
    """The body, unit or city that the writer speaks for: the one named, or the only one their roles reach."""
    programme = snapshot.programme
    known = _known_voices(programme, kind.per)
    reached = voices(lifecycle, snapshot, kind, writers)
    if key in reached:
        return key, []
    if not key and len(reached) == 1:
        return reached[0], []
    if key and key not in known:
        near = wording.choice(list(known), key)
        return None, [_wrong_key(kind, key, near)]
    if key and not _concerned(snapshot, kind.per, key):
        return None, [
            blocker(
                "not_concerned",
                "{of} hat mit diesem Vorgang nichts zu tun: Er betrifft {cities}.",
                "{of} is not concerned: the item is about {cities}.",
                of=known[key].label,
                cities=[programme.cities[city].label for city in snapshot.cities if city in programme.cities],
                record=kind.key,
                key=key,
            )
        ]
    if key:
        return None, [
            blocker(
                "other_voice",
                "„{label}“ für {of} trägt nur ein: {who} ({of}).",
                "“{label}” of {of} is entered by nobody but: {who} ({of}).",
                label=kind.label,
                of=known[key].label,
                who=wording.roles(lifecycle, writers),
                record=kind.key,
                key=key,
            )
        ]
    if reached:
        return None, [
            blocker(
                "invalid_key",
                "„{label}“: Sagen Sie dazu, wofür. Möglich: {choices}.",
                "“{label}”: say of which it is. Possible: {choices}.",
                label=kind.label,
                choices=[Text(f"{known[one].label.de} ({one})", f"{known[one].label.en} ({one})") for one in reached],
                record=kind.key,
                path="key",
            )
        ]
    return None, [_wrong_key(kind, key, wording.choice(reached, key))]


def _known_voices(programme: Programme, per: Per) -> Mapping[str, Body | Office | City]:
    known: dict[Per, Mapping[str, Body | Office | City]] = {
        Per.BODY: programme.bodies,
        Per.UNIT: programme.offices,
        Per.CITY: programme.cities,
    }
    return known.get(per, {})


def _concerned(snapshot: Snapshot, per: Per, key: str) -> bool:
    if per is Per.BODY:
        return concerns(snapshot, snapshot.programme.bodies, key)
    if per is Per.CITY:
        return not snapshot.cities or key in snapshot.cities
    return True


def _wrong_key(kind: RecordKind, key: str, right: Text) -> Blocker:
    return blocker(
        "invalid_key",
        "„{label}“: Der Schlüssel „{key}“ passt nicht. Erwartet: {right}.",
        "“{label}”: the key “{key}” does not fit. Expected: {right}.",
        label=kind.label,
        key=key,
        right=right,
        record=kind.key,
        path="key",
    )
