"""Makes the `Lifecycle` with its roles, states, deadlines and transitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from states.agenda import Agenda
from states.assembly.records import SHEET, assemble_record, title_alone, titled
from states.assembly.words import Data, label_of, names, text
from states.deadline_rules import DeadlineRule, Due, Duration, Escalation, Relative, Unit
from states.document import Document, Path
from states.durations import parse_duration, parse_moment, parse_reminder
from states.lifecycle import (
    ANYONE,
    DocumentRights,
    Effect,
    Fire,
    Lifecycle,
    LinkKind,
    Notice,
    Reason,
    Recurrence,
    Role,
    Scope,
    Stage,
    State,
    Transition,
    Way,
)
from states.ranking import Ranking
from states.record_kinds import RecordKind
from states.submission import Part, Submission, SubmissionStep
from states.transfer import Transfer
from states.uses import GuardUses

T = TypeVar("T")


def assemble_lifecycle(data: Data, document: Document, guards: GuardUses, source: str, sha256: str) -> Lifecycle:
    """The lifecycle in `data`; a sheet of a title alone is supplied where the file declares none."""
    make = _Assembly(data, document, guards)
    states = make.entries(data, "states", make.state)
    transitions = make.entries(data, "transitions", make.transition)  # before the roles: their guards name some
    created_by, initial = data.get("created_by"), str(data.get("initial", ""))
    records = make.entries(data, "records", make.record)
    sheet = data.get("sheet", SHEET)
    if "sheet" not in data and SHEET not in records:
        records[SHEET] = title_alone((created_by,) if created_by else (), initial)
    elif sheet in records:
        records[sheet] = titled(records[sheet])
    return Lifecycle(
        key=str(data.get("lifecycle", "")),
        version=int(data.get("version", 0)),
        label=label_of(data, str(data.get("lifecycle", ""))),
        initial=initial,
        states=states,
        transitions=transitions,
        stages=make.entries(data, "stages", make.stage),
        roles=make.entries(data, "roles", make.role),
        records=records,
        links=make.entries(data, "links", make.link),
        calendar=data.get("calendar"),
        created_by=created_by,
        create=names(data.get("create", ANYONE)),
        correct=names(data.get("correct")),
        extend=names(data["extend"]) if "extend" in data else None,
        sheet=sheet,
        support=data.get("support", False),
        ranking=_ranking(data["ranking"]) if "ranking" in data else None,
        agenda=_agenda(data["agenda"]) if "agenda" in data else None,
        transfer=_transfer(data["transfer"]) if "transfer" in data else None,
        documents=_documents(data.get("documents", {})),
        submission=make.submission(data["submission"]) if "submission" in data else None,
        source=source,
        sha256=sha256,
    )


class _Assembly:
    """Makes each kind of entry of a lifecycle file, with its place."""

    def __init__(self, data: Data, document: Document, guards: GuardUses) -> None:
        self._granted = tuple(key for key, role in data.get("roles", {}).items() if role.get("scope") != Scope.ITEM)
        self._document = document
        self._place = document.place
        self._uses = guards
        self._guards = guards.read

    def entries(self, data: Data, section: str, make: Callable[[str, Data, Path], T]) -> dict[str, T]:
        found: Data = data.get(section, {})
        return {key: make(key, entry, (section, key)) for key, entry in found.items()}

    def role(self, key: str, data: Data, path: Path) -> Role:
        scope = Scope(data["scope"]) if "scope" in data else None
        if "assign" in data:
            assign = names(data["assign"])
        elif scope is Scope.ITEM or any(key in used.names("role") for used in self._uses.found):
            assign = self._granted
        else:
            assign = ()
        return Role(key, label_of(data, key), scope, assign, self._place(path))

    def stage(self, key: str, data: Data, path: Path) -> Stage:
        return Stage(key, label_of(data, key), self._place(path))

    def state(self, key: str, data: Data, path: Path) -> State:
        deadlines = data.get("deadline", [])
        if isinstance(deadlines, Mapping):
            rules: Iterable[DeadlineRule] = [self._deadline(key, deadlines, (*path, "deadline"))]
        else:
            rules = [self._deadline(key, one, (*path, "deadline", at)) for at, one in enumerate(deadlines)]
        return State(
            key=key,
            stage=data.get("stage"),
            label=label_of(data, key),
            public=text(data["public"]) if "public" in data else None,
            tags=frozenset(names(data.get("tags"))),
            pauses=data.get("pauses", False),
            deadlines=tuple(rules),
            place=self._place(path),
        )

    def _deadline(self, state: str, data: Data, path: Path) -> DeadlineRule:
        return DeadlineRule(
            key=data.get("key", state),
            due=_due(data["due"]) if "due" in data else Duration(1, Unit.DAYS),
            responsible=data.get("responsible"),
            until=data.get("until"),
            on_working_day=data.get("on_working_day", False),
            public=text(data["public"]) if "public" in data else None,
            remind=tuple(parse_reminder(one) for one in data.get("remind", [])),
            escalate=tuple(
                Escalation(parse_duration(one.get("after", "0 days")), one["to"])
                for one in data.get("escalate", [])
                if "to" in one
            ),
            place=self._place(path),
        )

    def transition(self, key: str, data: Data, path: Path) -> Transition:
        fire = data.get("fire", "person")
        recurs = isinstance(fire, Mapping)
        return Transition(
            key=key,
            label=label_of(data, key),
            sources=names(data.get("from")),
            ways=self._ways(data.get("to"), (*path, "to")),
            fire=Fire.RECURRING if recurs else Fire(fire),
            recurrence=_recurrence(fire) if recurs else None,
            roles=names(data.get("roles")),
            reason=Reason(data.get("reason", "optional")),
            form=data.get("form"),
            guards=self._guards(data.get("guards", []), (*path, "guards")),
            notify=tuple(
                Notice(str(one.get("notice", "")), names(one.get("to")), self._place((*path, "notify", at)))
                for at, one in enumerate(data.get("notify", []))
            ),
            effects=tuple(self._effect(one, (*path, "then", at)) for at, one in enumerate(data.get("then", []))),
            place=self._place(path),
        )

    def _ways(self, data: Any, path: Path) -> tuple[Way, ...]:
        if data is None or isinstance(data, str):
            return (Way(data, place=self._place(path)),) if data else ()
        return tuple(
            Way(
                str(one.get("state", "")),
                self._guards(one.get("when", []), (*path, at, "when")),
                self._place((*path, at)),
            )
            for at, one in enumerate(data)
        )

    def _effect(self, data: Data, path: Path) -> Effect:
        return Effect(
            link=str(data.get("link", "")),
            transition=data.get("transition"),
            followers=data.get("followers", False),
            incoming=data.get("incoming", True),
            states=names(data.get("states")),
            reason=text(data["reason"]) if "reason" in data else None,
            place=self._place(path),
        )

    def record(self, key: str, data: Data, path: Path) -> RecordKind:
        return assemble_record(key, data, self._document, path)

    def link(self, key: str, data: Data, path: Path) -> LinkKind:
        label = label_of(data, key)
        inverse = text(data["inverse"]) if "inverse" in data else label
        to, write = names(data.get("to")), names(data.get("write"))
        return LinkKind(key, label, inverse, to, write, self._place(path), data.get("portfolio"))

    def submission(self, data: Data) -> Submission:
        steps: Data = data.get("steps", {})
        path: Path = ("submission", "steps")
        return Submission(
            tuple(self._step(key, one, (*path, key)) for key, one in steps.items()),
            data.get("submit"),
        )

    def _step(self, key: str, data: Data, path: Path) -> SubmissionStep:
        return SubmissionStep(
            key,
            label_of(data, key),
            text(data["hint"]) if "hint" in data else None,
            names(data.get("fields")),
            data.get("record"),
            Part(data["asks"]) if "asks" in data else None,
            self._place(path),
        )


def _agenda(data: Data) -> Agenda:
    link, record, key = (str(data.get(name, "")) for name in ("link", "record", "key"))
    done_record, _, done_field = str(data.get("done", "")).partition(".")
    return Agenda(
        link,
        record,
        key,
        data.get("fill", {}),
        (done_record, done_field) if "done" in data else None,
        names(data.get("roles")),
    )


def _transfer(data: Data) -> Transfer:
    return Transfer(str(data.get("address", "")), data.get("number"), data.get("provenance"))


def _ranking(data: Data) -> Ranking:
    of: Data = data.get("of", {})
    return Ranking(
        link=str(data.get("link", "")),
        record=str(data.get("record", "")),
        weights={key: float(weight) for key, weight in data.get("weights", {}).items()},
        knockout=names(data.get("knockout")),
        sheet=of.get("record", SHEET),
        **{name: of.get(name) for name in ("cost", "staff", "starts", "ends")},
        budget=data.get("budget"),
        capacity=data.get("capacity"),
        open=names(data.get("open")),
        chosen=names(data.get("chosen")),
        apart=data.get("apart"),
        roles=names(data.get("roles")),
    )


def _due(data: Any) -> Due:
    if isinstance(data, str):
        return parse_moment(data)
    record, _, field = str(data.get("after", "")).partition(".")
    add = parse_duration(data["add"]) if "add" in data else Duration(0, Unit.DAYS)
    return Relative(add, record, field, data.get("key", ""), data.get("of"))


def _documents(data: Data) -> DocumentRights:
    return DocumentRights(names(data["attach"]) if "attach" in data else None, names(data.get("publish")))


def _recurrence(data: Data) -> Recurrence:
    every = parse_duration(data["every"]) if "every" in data else Duration(1, Unit.YEARS)
    until = _due(data["until"]) if "until" in data else None
    return Recurrence(every, data.get("from", "entered"), until if isinstance(until, (date, Relative)) else None)
