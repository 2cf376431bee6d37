"""Every error as an exit code, and as one JSON document or a few plain lines. The one place that does."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import click

from ideenweg.cli.output import complain, emit
from ideenweg.cli.session import Progress, Session
from notifications.errors import SendError, TemplateFault
from states.blockers import Blocker
from states.errors import FileFault, Finding, StatesError
from states.sentences import in_locale
from workflow.errors import (
    BadInput,
    Busy,
    Conflict,
    IntegrityBroken,
    Invalid,
    NotFound,
    Refused,
    SchemaMissing,
    TooManySteps,
    WorkflowError,
)
from workflow.imports.report import BadRows, Misfit, Problem, Report

DEBUG = "IDEENWEG_DEBUG"
"""Environment: set, a fault of the program shows its traceback."""


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    REFUSED = 1
    BAD_INPUT = 2  # also where the database cannot be used
    CONFLICT = 3  # also where others held the database for too long
    NOT_FOUND = 4  # also where there is no database yet
    BROKEN = 5
    FAULT = 70  # of the program itself; sysexits.h, EX_SOFTWARE
    INTERRUPTED = 130  # 128 + SIGINT, as shells count
    CLOSED = 141  # 128 + SIGPIPE: whoever read the output has gone


MISSING = {
    "item": ("Den Vorgang {name} gibt es nicht.", "ideenweg item list"),
    "person": ("Die Person {name} gibt es nicht.", "ideenweg person add EMAIL --name NAME"),
    "lifecycle": ("Den Lebenszyklus {name} gibt es nicht.", "ideenweg lifecycle load FILE"),
    "role grant": ("Die Rollenvergabe {name} gibt es nicht.", "ideenweg person show EMAIL"),
    "link": ("Die Verknüpfung {name} gibt es nicht.", "ideenweg item show NUMBER"),
    "webhook": ("Den Webhook {name} gibt es nicht.", "ideenweg webhook list"),
    "token": ("Das Token {name} gibt es nicht.", "ideenweg token list"),
    "assignment": ("Die Zuordnung {name} gibt es nicht.", "ideenweg item show NUMBER"),
}
"""What was not found -> the German sentence, and the command that helps."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is said about an error. `place` is where in the input, `hint` what to do next."""

    exit: Exit
    code: str
    message: str
    blockers: tuple[Blocker, ...] = ()
    findings: tuple[Finding, ...] = ()
    place: str | None = None
    hint: str | None = None
    report: Report | None = None  # of an import, with every bad row


def report(error: BaseException, session: Session) -> int:
    """Say what is the matter and return the exit code."""
    if isinstance(error, BrokenPipeError):
        _close_quietly()
        return Exit.CLOSED
    complaint = complaint_of(error, session)
    try:
        if session.as_json:
            emit({"error": as_json(complaint, session)})
            sys.stdout.flush()
        else:
            complain("ideenweg: ", _lines(complaint, session))
    except BrokenPipeError:
        _close_quietly()
    if complaint.exit is Exit.FAULT and session.environ.get(DEBUG):
        traceback.print_exception(error)
    return complaint.exit


def complaint_of(error: BaseException, session: Session) -> Complaint:
    """What to say about `error`, in the language of the call."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            return Complaint(Exit.INTERRUPTED, "interrupted", _interrupted(session))
        case click.UsageError():
            return Complaint(Exit.BAD_INPUT, "usage", error.format_message(), hint=_usage_hint(error, session))
        case click.ClickException():
            return Complaint(Exit.BAD_INPUT, "usage", error.format_message())
        case Refused():
            return _refused(error, session)
        case FileFault():
            heading = session.say(
                f"{error.name} hat {len(error.findings)} Fehler.", f"{error.name} has {len(error.findings)} fault(s)."
            )
            first = error.findings[0].place if error.findings else None
            place = f"{error.name}:{first.line}:{first.column}" if first else error.name
            return Complaint(Exit.BAD_INPUT, "faulty_file", heading, findings=error.findings, place=place)
        case BadRows():
            message = error.in_locale(session.locale).removeprefix(f"{error.place}: ")
            return Complaint(Exit.BAD_INPUT, "bad_rows", message, place=error.place, report=error.report)
        case BadInput():
            message = error.in_locale(session.locale).removeprefix(f"{error.place}: " if error.place else "")
            return Complaint(Exit.BAD_INPUT, "bad_input", message, place=error.place)
        case NotFound():
            return _not_found(error, session)
        case Conflict():
            return Complaint(Exit.CONFLICT, "conflict", _conflict(error, session))
        case Busy():
            return Complaint(Exit.CONFLICT, "busy", str(error))
        case SchemaMissing():
            return Complaint(Exit.NOT_FOUND, "no_database", str(error))
        case IntegrityBroken():
            return Complaint(Exit.BROKEN, "integrity_broken", str(error))
        case TooManySteps():
            return Complaint(Exit.REFUSED, "too_many_steps", str(error))
        case TemplateFault():
            return Complaint(Exit.BAD_INPUT, "faulty_template", f"{error.wrong}.", place=error.place)
        case SendError():
            return Complaint(Exit.BAD_INPUT, "not_sent", str(error))
        case WorkflowError() | StatesError():
            return Complaint(Exit.BAD_INPUT, _code_of(error), str(error))
        case OSError() if error.strerror:
            where = f"{error.filename}: " if error.filename else ""
            return Complaint(Exit.BAD_INPUT, "cannot_write", f"{where}{error.strerror}.")
    return Complaint(Exit.FAULT, "fault", _fault(error, session))


def as_json(complaint: Complaint, session: Session) -> dict[str, Any]:
    """The value of `error` in the document of a call that failed."""
    told: dict[str, Any] = {
        "code": complaint.code,
        "message": complaint.message,
        "blockers": [blocker_json(one, session) for one in complaint.blockers],
        "place": complaint.place,
    }
    if complaint.findings:
        told["findings"] = [
            {
                "check": one.check,
                "message": in_locale(one.message, session.locale),
                "hint": in_locale(one.hint, session.locale),
                "line": one.place.line,
                "column": one.place.column,
                "path": one.path,
            }
            for one in complaint.findings
        ]
    if complaint.hint:
        told["hint"] = complaint.hint
    if complaint.report:
        told["report"] = complaint.report.as_json()
    return told


def blocker_json(one: Blocker, session: Session) -> dict[str, Any]:
    """A blocker as JSON, its message in the language of the call; with its place, where it is about the data."""
    told = {"code": one.code, "message": one.in_locale(session.locale), "params": dict(one.params)}
    place = _place(one, session)
    return {**told, "place": place} if place else told


def _lines(complaint: Complaint, session: Session) -> list[str]:
    listed = bool(complaint.findings) or len(complaint.blockers) > 1
    place = f"{complaint.place}: " if complaint.place and not listed else ""
    lines = [place + complaint.message]
    if complaint.findings:
        name = (complaint.place or "").rsplit(":", 2)[0]
        lines += [f"{name}:{one.in_locale(session.locale)}" for one in complaint.findings]
    if len(complaint.blockers) > 1 or complaint.exit is Exit.REFUSED:
        for one in complaint.blockers:
            where = _place(one, session)
            lines.append(f"  - {f'{where}: ' if where else ''}{one.in_locale(session.locale)} [{one.code}]")
    if complaint.report:
        bad: list[Problem | Misfit] = [*complaint.report.problems, *complaint.report.misfits]
        bad.sort(key=lambda one: one.line)
        lines += [f"{complaint.report.file}:{one.in_locale(session.locale)}" for one in bad]
    if complaint.hint:
        lines.append(complaint.hint)
    return lines


def _refused(error: Refused, session: Session) -> Complaint:
    blockers = error.blockers
    if not isinstance(error, Invalid):
        message = session.say("Das geht noch nicht:", "This is not possible yet:")
        return Complaint(Exit.REFUSED, "refused", message, blockers)
    place = next((found for one in blockers if (found := _place(one, session))), None)
    message = blockers[0].in_locale(session.locale) if len(blockers) == 1 else session.say("Falsch:", "Wrong:")
    return Complaint(Exit.BAD_INPUT, "invalid", message, blockers, place=place)


def _place(one: Blocker, session: Session) -> str | None:
    """Where in the file of `--data` the fault lies that the blocker is about."""
    if session.data is None or one.code != "invalid_data":
        return None
    return session.data.place(str(one.params.get("path", "")))


def _not_found(error: NotFound, session: Session) -> Complaint:
    german, command = MISSING.get(error.what, ("{what} {name} gibt es nicht.", ""))
    message = session.say(german.format(what=error.what, name=repr(error.name)), str(error))
    hints = [*getattr(error, "__notes__", ())]
    if command:
        hints.append(session.say(f"Siehe: {command}", f"See: {command}"))
    return Complaint(Exit.NOT_FOUND, "not_found", message, hint=" ".join(hints) or None)


def _conflict(error: Conflict, session: Session) -> str:
    current = error.current
    if current is None:
        return str(error)
    return session.say(
        f"{current.number} wurde inzwischen geändert: Revision {current.revision}, Zustand {current.state}.",
        f"{error} Its state is {current.state}.",
    )


def _code_of(error: Exception) -> str:
    name = type(error).__name__
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_")


def _usage_hint(error: click.UsageError, session: Session) -> str | None:
    if error.ctx is None:
        return None
    command = f"{error.ctx.command_path} --help"
    return session.say(f"Hilfe: {command}", f"Help: {command}")


def _interrupted(session: Session) -> str:
    match session.progress:
        case Progress.NOTHING:
            return session.say("Abgebrochen; nichts wurde geändert.", "Interrupted; nothing was changed.")
        case Progress.STEPS:
            return session.say(
                "Abgebrochen; was fertig war, bleibt, das Übrige ist zurückgenommen. Ein neuer Aufruf macht weiter.",
                "Interrupted; what was finished stays, the rest was taken back. Another call goes on from there.",
            )
        case Progress.DONE:
            return session.say(
                "Abgebrochen; die Änderung selbst war schon gespeichert.",
                "Interrupted; the change itself had been stored by then.",
            )


def _fault(error: BaseException, session: Session) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = f"{type(error).__name__}: {error}{where}"
    return session.say(
        f"Das ist ein Fehler des Programms: {said}. {DEBUG}=1 zeigt, wo er herkommt.",
        f"This is a fault of the program: {said}. {DEBUG}=1 shows where it comes from.",
    )


def _close_quietly() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere, as the library reference says (signal)."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a name, not a path
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
