"""Whose or which record is written: one's own, one of several that one speaks for, one with a key of its own."""

from __future__ import annotations

from dataclasses import dataclass

from ideenweg.web.pages.work.opened import Opened
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.values import VOICES
from states.lifecycle import Lifecycle
from states.record_keys import voices
from states.record_kinds import Per, RecordKind
from states.visits import counting


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of the record, or those to choose from."""

    fixed: str = ""
    choices: tuple[Option, ...] = ()


def keys_of(page: Opened, kind: RecordKind, asked: str, writers: tuple[str, ...]) -> Keys:
    """Whose record it is to be that the visitor writes as one of `writers`; `asked`: the key in the address or form."""
    there = {fact.key for fact in counting(kind, page.snapshot)}
    if kind.per is Per.PERSON:
        return Keys(page.acting)
    if kind.per is Per.KEY:
        return _free_key(page, kind, asked, there)
    if kind.per not in VOICES:
        return Keys()
    reached = voices(page.lifecycle, page.snapshot, kind, writers)
    if asked in reached or not reached:
        return Keys(asked if asked in reached else "")
    if len(reached) == 1:
        return Keys(reached[0])
    vocabulary = VOICES[kind.per]
    return Keys(choices=tuple(Option(one, page.values.term(vocabulary, one)) for one in reached if one not in there))


def _free_key(page: Opened, kind: RecordKind, asked: str, there: set[str]) -> Keys:
    """The key asked for; else one that a record of another kind has, where a guard wants both; else a new one."""
    if asked in there:
        return Keys(asked)
    if (wanted := _counterpart(page.lifecycle, kind)) is None:
        return Keys(asked or _new_key(there))
    others = [fact for fact in page.detail.records if fact.kind == wanted.key and fact.key not in there]
    if asked in {fact.key for fact in others}:
        return Keys(asked)
    named = ((one.key, page.values.heading(wanted, one, page.detail.records)[0] or one.key) for one in others)
    return Keys(choices=tuple(Option(key, label) for key, label in named))


def _counterpart(lifecycle: Lifecycle, kind: RecordKind) -> RecordKind | None:
    """The kind whose records each want one of this kind under their own key (guard `each_has`)."""
    for move in lifecycle.transitions.values():
        for use in move.guards:
            if use.name == "each_has" and use.params.get("record") == kind.key:
                return lifecycle.records.get(str(use.params["for"]))
    return None


def _new_key(there: set[str]) -> str:
    return next(str(number) for number in range(1, len(there) + 2) if str(number) not in there)
