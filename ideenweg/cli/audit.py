"""`ideenweg audit`: read, check and export the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from ideenweg.cli.errors import Exit
from ideenweg.cli.framework import Group
from ideenweg.cli.inputs import Moment, OneOf, begins, ends
from ideenweg.cli.output import emit, iso, line, minute, progress, table
from ideenweg.cli.proving import checkpoint, prove
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.cli.who import known, name
from ideenweg.wiring import App
from workflow.chains import Verification
from workflow.checkpoints import Checkpoint
from workflow.events import Kind
from workflow.export_check import verify_export
from workflow.exports import Format
from workflow.history import AuditEvent, AuditFilter
from workflow.kept import TABLES
from workflow.proofs import read
from workflow.queries.people import names

F = TypeVar("F", bound=Callable[..., Any])

DOORS = ("page", "api", "cli", "clock", "import")
LARGEST_PAGE = 1000


@click.group(cls=Group)
def audit() -> None:
    """Read, check and export the history: who did what, when and why."""


audit.add_command(checkpoint)
audit.add_command(prove)


def _filters(command: F) -> F:
    """The options that narrow what is listed or exported."""
    for option in reversed(
        (
            click.option("--person", metavar="EMAIL", help="Who acted, or was represented."),
            click.option("--item", metavar="NUMBER"),
            click.option(
                "--kind", type=OneOf("kind", list(Kind)), help="created, advanced, recorded, person:granted, …"
            ),
            click.option("--transition", metavar="KEY"),
            click.option("--via", type=OneOf("door", DOORS), help=", ".join(DOORS)),
            click.option("--stream", help="item:NUMBER, person:ID or system."),
            click.option("--batch", metavar="ID", help="Of many items changed as one act: what was done on each."),
            click.option("--since", type=Moment(), help="Recorded at this moment or later; a day counts whole."),
            click.option("--until", type=Moment(), help="Recorded before this moment; a day counts whole."),
        )
    ):
        command = option(command)
    return command


@audit.command("list")
@_filters
@click.option("--newest-first", is_flag=True, help="Absent: in the order of the log.")
@click.option("--limit", type=click.IntRange(1, LARGEST_PAGE), default=50, show_default=True)
@click.option("--cursor", help="Go on behind a page: its `next`.")
@pass_session
def list_command(session: Session, /, newest_first: bool, limit: int, cursor: str | None, **asked: Any) -> None:
    """List events, in the order of the log or the newest first. All filters can be combined.

    \b
    Examples:
      ideenweg audit list --item 2026-0147
      ideenweg audit list --person koordination@dortmund.example --since 2026-06-01 --newest-first
      ideenweg audit list --kind person:refused --json
    """
    with session.app() as app:
        zone = app.rules.programme.zone
        page = app.audit.list(_filter(session, app, **asked), limit=limit, cursor=cursor, newest_first=newest_first)
        with app.database.reading() as connection:
            people = names(
                connection, {one.actor for one in page.events} | {one.on_behalf_of or "" for one in page.events}
            )
    if session.as_json:
        emit({"events": [_event_json(one, people, session, app) for one in page.events], "next": page.next})
        return
    if not page.events:
        line(session.say("Nichts.", "Nothing."))
        return
    table(
        (
            "#",
            session.say("Wann", "When"),
            session.say("Was", "What"),
            session.say("Wer", "Who"),
            session.say("Tür", "Door"),
            session.say("Begründung", "Reason"),
        ),
        [
            (
                f"{one.stream}#{one.seq}",
                minute(one.at, zone),
                _what(one),
                _who(one, people, session),
                f"{one.via} ({one.account})" if one.account else one.via,
                one.reason or "",
            )
            for one in page.events
        ],
    )
    if page.next:
        line(session.say(f"Weiter: --cursor {page.next}", f"More: --cursor {page.next}"))


@audit.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--compare", is_flag=True, help="Hold the database against FILE, an export that was kept elsewhere.")
@pass_session
def verify(session: Session, file: Path | None, compare: bool) -> None:
    """Prove that nobody rewrote the history: of the database, of the JSONL export FILE alone, or since FILE was kept.

    Every chain, every column, every disclosed text, every item, record and link, and what search and worklists keep.
    Names the first broken event of each stream, and ends with exit code 5. docs/audit.md says what this can find, and
    what only FILE kept elsewhere finds – a checkpoint, a proof, or with --compare an export –: a cut tail, a missing
    stream, a rewriting of everything.

    \b
    Examples:
      ideenweg audit verify
      ideenweg audit verify checkpoint-2026-05-31.json
      ideenweg audit verify history-2026-05.jsonl
      ideenweg audit verify history-2026-05.jsonl --compare
    """
    if compare and file is None:
        raise click.UsageError("--compare needs the FILE of an export to compare the database with.")
    kept = read(file) if file is not None else None
    with progress(session.say("Prüfe", "Verifying")) as move:
        if file is not None and kept is None and not compare:
            found = verify_export(file, move)
        else:
            with session.app() as app:
                found = app.audit.compare(file, move) if file is not None else app.audit.verify(move)
    _tell(session, found)
    if kept is not None and not session.as_json:
        line(_contained(session, kept.checkpoint, found.ok))
    if not found.ok:
        click.get_current_context().exit(Exit.BROKEN)


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice([one.value for one in Format]), required=True)
@_filters
@pass_session
def export(session: Session, /, file: Path, format_: str, **asked: Any) -> None:
    """Write events to the new file FILE, with the same filters as `audit list`. That it was made is recorded.

    JSONL can be verified and compared (`audit verify FILE`); CSV is for spreadsheets; XES and OCEL are for process
    mining, with the events of items alone.

    \b
    Examples:
      ideenweg audit export --format jsonl history-2026-06.jsonl
      ideenweg audit export --format csv decisions.csv --transition fund --since 2026-01-01
    """
    with session.app() as app, progress(session.say("Exportiere", "Exporting")) as move:
        done = app.audit.export(
            file, format_, _filter(session, app, **asked), origin=session.origin, now=session.now, progress=move
        )
        session.progress = Progress.DONE
    if session.as_json:
        emit({"file": str(file), "format": format_, "events": done.events, "sha256": done.sha256})
    else:
        line(
            session.say(
                f"{done.events} Ereignisse in {file}, SHA-256 {done.sha256}.",
                f"{done.events} events in {file}, SHA-256 {done.sha256}.",
            )
        )


def _filter(
    session: Session,
    app: App,
    *,
    since: datetime | date | None,
    until: datetime | date | None,
    person: str | None,
    **rest: str | None,
) -> AuditFilter:
    zone = app.rules.programme.zone
    if person is not None and "@" in person:
        with app.database.reading() as connection:
            person = known(session, connection, person).id
    return AuditFilter(
        person=person,
        since=begins(since, zone) if since else None,
        until=ends(until, zone) if until else None,
        **rest,
    )


def _what(one: AuditEvent) -> str:
    """`advanced pool: in_review -> pooled`, `recorded sheet`, `person:granted coordinator`."""
    if one.trigger or one.target:
        way = f"{one.source} -> {one.target}" if one.source else f"-> {one.target}"
        return f"{one.kind} {one.trigger}: {way}" if one.trigger else f"{one.kind} {way}"
    about = [one.details[key] for key in ("record", "link", "role", "other", "key", "command") if one.details.get(key)]
    return " ".join([one.kind, *map(str, about)])


def _who(one: AuditEvent, people: dict[str, tuple[str, str]], session: Session) -> str:
    actor = name(people, one.actor, session)
    if one.on_behalf_of is None:
        return actor
    represented = name(people, one.on_behalf_of, session)
    return session.say(f"{actor} für {represented}", f"{actor} for {represented}")


def _event_json(one: AuditEvent, people: dict[str, tuple[str, str]], session: Session, app: App) -> dict[str, Any]:
    zone = app.rules.programme.zone
    return {
        "stream": one.stream,
        "seq": one.seq,
        "number": one.number,
        "kind": one.kind,
        "trigger": one.trigger,
        "from": one.source,
        "to": one.target,
        "actor": one.actor,
        "actor_name": people[one.actor][0] if one.actor in people else None,
        "on_behalf_of": one.on_behalf_of,
        "via": one.via,
        "account": one.account,
        "at": iso(one.at, zone),
        "recorded_at": iso(one.recorded_at, zone),
        "command_id": one.command_id,
        "reason": one.reason,
        "details": one.details,
        "hash": one.hash,
    }


def _contained(session: Session, kept: Checkpoint, ok: bool) -> str:
    """What a checkpoint kept elsewhere says of the present history."""
    day = kept.at[:10]
    if ok:
        return session.say(
            f"Die heutige Historie enthält die des Prüfpunkts vom {day} ({kept.size} Ereignisse) unverändert.",
            f"The present history contains that of the checkpoint of {day} ({kept.size} events), unaltered.",
        )
    return session.say(
        f"Die heutige Historie ist nicht die des Prüfpunkts vom {day} ({kept.size} Ereignisse), oder wurde seither "
        "geändert.",
        f"The present history is not that of the checkpoint of {day} ({kept.size} events), or was changed since.",
    )


def _tell(session: Session, found: Verification) -> None:
    if session.as_json:
        emit(found.told)
        return
    extent = session.say("vollständig", "complete") if found.complete else session.say("ein Teil", "partial")
    line(
        session.say(
            f"{found.events} Ereignisse in {found.streams} Strömen geprüft ({extent}).",
            f"{found.events} events in {found.streams} streams verified ({extent}).",
        )
    )
    if found.ok:
        line(session.say("Alles ist, wie es geschrieben wurde.", "Everything is as it was written."))
    for one in found.findings:
        line(str(one), style="red")
    if found.left_out:
        line(session.say(f"… und {found.left_out} weitere.", f"… and {found.left_out} more."))
    if any(one.what in TABLES for one in found.findings):
        line(
            session.say(
                "Suchwörter und Aufgaben schreibt `ideenweg db rebuild` neu.",
                "`ideenweg db rebuild` writes search words and tasks anew.",
            )
        )
