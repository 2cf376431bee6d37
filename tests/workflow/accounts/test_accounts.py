"""Sessions, second factors, one-time links and the log of sign-ins, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import Connection, func, select

from states.lifecycle import Role
from states.programme import Programme
from states.sentences import Text
from workflow import access
from workflow.accounts import factors, keeping, links, log, passwords, sessions
from workflow.accounts.links import LASTS, Purpose
from workflow.accounts.log import What
from workflow.accounts.sessions import IDLE, LONGEST, Way
from workflow.db import Database
from workflow.models import metadata, recovery_code
from workflow.streams import Origin

NOW = datetime(2026, 6, 9, 8, tzinfo=UTC)
KEYS = (b"the present key of an installation",)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database(database_url)
    with database.writing() as connection:
        yield connection
    database.close()


@pytest.fixture
def who(connection: Connection) -> str:
    return access.add(connection, "koordination@dortmund.example", "Koordination", None, NOW)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_is_found_by_its_value_and_by_nothing_that_is_stored(connection: Connection, who: str) -> None:
    value = sessions.begin(connection, who, Way.PASSWORD, NOW, agent="Firefox")
    found = sessions.find(connection, value, NOW)
    assert found is not None
    assert (found.person, found.email, found.way, found.factor_at) == (
        who, "koordination@dortmund.example", Way.PASSWORD, None,
    )  # fmt: skip
    assert all(sessions.find(connection, stored, NOW) is None for stored in (found.digest, found.id, ""))


@pytest.mark.parametrize(
    ("uses", "asked", "alive"),
    [
        ([], IDLE - MINUTE, True),
        ([], IDLE, False),
        ([IDLE - MINUTE], IDLE + MINUTE, True),
        ([IDLE / 2 * n for n in range(1, 24)], LONGEST - MINUTE, True),
        ([IDLE / 2 * n for n in range(1, 24)], LONGEST, False),
    ],
)
def test_it_ends_when_nobody_uses_it_and_after_a_working_day(
    connection: Connection, who: str, uses: list[timedelta], asked: timedelta, alive: bool
) -> None:
    value = sessions.begin(connection, who, Way.PASSWORD, NOW)
    for use in uses:
        found = sessions.find(connection, value, NOW + use)
        assert found is not None
        sessions.note(connection, found, NOW + use)
    found = sessions.find(connection, value, NOW + asked)
    assert (found is not None) is alive
    if found:
        assert found.end == NOW + min(asked + IDLE - (asked - (uses[-1] if uses else timedelta())), LONGEST)
    assert sessions.forget(connection, NOW + asked) == (not alive)


def test_a_renewed_session_is_the_same_under_another_value(connection: Connection, who: str) -> None:
    old = sessions.begin(connection, who, Way.PASSWORD, NOW)
    before = sessions.find(connection, old, NOW)
    assert before
    new = sessions.renew(connection, before, NOW + MINUTE, factor=True)
    after = sessions.find(connection, new, NOW + MINUTE)
    assert after
    assert (after.id, after.factor_at, after.ends_at) == (before.id, NOW + MINUTE, before.ends_at)
    assert sessions.find(connection, old, NOW + MINUTE) is None


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(connection: Connection, who: str) -> None:
    other = access.add(connection, "fremd@dortmund.example", "Fremd", None, NOW)
    values = [sessions.begin(connection, who, Way.PASSWORD, NOW + n * MINUTE) for n in range(3)]
    theirs = sessions.begin(connection, other, Way.PASSWORD, NOW)
    mine = sessions.of_person(connection, who, NOW + 3 * MINUTE)
    assert [one.opened_at for one in mine] == [NOW + n * MINUTE for n in (2, 1, 0)]
    strange = sessions.find(connection, theirs, NOW)
    assert strange
    assert not sessions.revoke(connection, who, strange.id)
    assert sessions.revoke(connection, who, mine[1].id)
    assert sessions.revoke_all(connection, who, but=mine[0]) == 1
    assert [sessions.find(connection, one, NOW + 3 * MINUTE) is not None for one in values] == [False, False, True]
    assert sessions.revoke_all(connection) == 2


# --- passwords and second factors -------------------------------------------------------------------------------------


def test_a_new_password_ends_every_session_and_link(connection: Connection, who: str) -> None:
    value = sessions.begin(connection, who, Way.PASSWORD, NOW)
    key = links.make(connection, Purpose.RESET, who, NOW)
    found = keeping.find(connection, "Koordination@Dortmund.example ")
    assert found is not None
    assert found.password is None
    keeping.set_password(connection, who, "Brombeere Ufer Kanzel", NOW)
    found = keeping.find(connection, who)
    assert found is not None
    assert passwords.matches(found.password, "Brombeere Ufer Kanzel")
    assert sessions.find(connection, value, NOW) is None
    assert links.by_id(connection, key, NOW) is None


def test_a_code_counts_once_and_a_little_late(connection: Connection, who: str) -> None:
    keeping.ensure(connection, who, NOW)
    secret = factors.new_secret()
    generator = pyotp.TOTP(secret)
    step = factors.step_of(secret, generator.at(NOW), NOW)
    assert step is not None
    factors.turn_on(connection, KEYS, who, secret, step, NOW)

    def shown(code: str, now: datetime) -> bool:
        found = keeping.find(connection, who)
        assert found is not None
        assert found.factor is not None
        assert secret not in found.factor
        return factors.shown(connection, KEYS, who, found.factor, found.factor_step, code, now)

    later = NOW + MINUTE
    assert not shown(generator.at(NOW), NOW)  # it was used to turn it on
    assert not shown("000000" if generator.at(later) != "000000" else "000001", later)
    assert not shown("", later)
    assert shown(f" {generator.at(later)[:3]} {generator.at(later)[3:]} ", later + timedelta(seconds=30))
    assert not shown(generator.at(later), later)
    assert not factors.shown(connection, (b"another key",), who, "x", None, generator.at(later), later)
    factors.turn_off(connection, who)
    found = keeping.find(connection, who)
    assert found is not None
    assert found.factor is None
    assert connection.scalar(select(func.count()).select_from(recovery_code)) == 0


def test_a_code_on_paper_works_once_however_it_is_typed(connection: Connection, who: str) -> None:
    codes = factors.new_codes(connection, who)
    assert len(set(codes)) == factors.CODES
    assert factors.recovered(connection, who, f" {codes[0].upper().replace('-', ' ')} ")
    assert not factors.recovered(connection, who, codes[0])
    assert not factors.recovered(connection, who, "")
    renewed = factors.new_codes(connection, who)
    assert not factors.recovered(connection, who, codes[1])
    assert factors.recovered(connection, who, renewed[1])


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_works_once_and_for_a_while(connection: Connection, who: str, purpose: Purpose) -> None:
    person = None if purpose is Purpose.SET_UP else who
    first = links.token(KEYS, links.make(connection, purpose, person, NOW))
    key = links.make(connection, purpose, person, NOW)
    token = links.token(KEYS, key)
    assert links.find(connection, KEYS, first, NOW) is None  # the newer one is in its place
    wrong = [key, f"{key}.", token[:-1], links.token((b"another key",), key), "", "ü.ü"]
    assert [links.find(connection, KEYS, one, NOW) for one in wrong] == [None] * len(wrong)
    link = links.find(connection, (b"a newer key", *KEYS), token, NOW + LASTS[purpose] - MINUTE)
    assert link is not None
    assert (link.purpose, link.person) == (purpose, person)
    assert links.find(connection, KEYS, token, NOW + LASTS[purpose]) is None
    assert links.use(connection, link)
    assert not links.use(connection, link)
    assert links.find(connection, KEYS, token, NOW) is None


# --- the log, and what goes with it -----------------------------------------------------------------------------------


def test_what_was_noted_of_sign_ins_goes_after_ninety_days(connection: Connection, who: str) -> None:
    for days, what in ((91, What.REFUSED), (89, What.SIGNED_IN), (0, What.SIGNED_OUT)):
        log.note(connection, what, NOW - timedelta(days=days), who, "192.0.2.7")
    log.note(connection, What.REFUSED, NOW, None, "192.0.2.8")
    assert [one.what for one in log.latest(connection, who)] == [What.SIGNED_OUT, What.SIGNED_IN, What.REFUSED]
    assert keeping.housekeep(connection, NOW) == 1
    assert [one.what for one in log.latest(connection, who)] == [What.SIGNED_OUT, What.SIGNED_IN]


def test_an_administrator_is_somebody_with_the_role_and_a_password(connection: Connection, who: str) -> None:
    programme, role = Programme(administration=("keeper",)), Role("keeper", Text("", ""), None)
    origin, day = Origin("operator", "cli"), date(2026, 6, 9)

    def known() -> bool:
        return keeping.has_administrator(connection, programme, day)

    assert not known()
    grant = access.grant(connection, who, role, None, programme, origin, NOW, valid_from=day)
    assert not known()
    keeping.set_password(connection, who, "Brombeere Ufer Kanzel", NOW)
    assert known()
    assert not keeping.has_administrator(connection, Programme(), day)
    access.revoke(connection, grant, origin, NOW)
    assert not known()


def everything(connection: Connection, who: str) -> None:
    keeping.set_password(connection, who, "Brombeere Ufer Kanzel", NOW)
    secret = factors.new_secret()
    factors.turn_on(connection, KEYS, who, secret, 1, NOW)
    sessions.begin(connection, who, Way.PASSWORD, NOW)
    links.make(connection, Purpose.RESET, who, NOW)
    log.note(connection, What.SIGNED_IN, NOW, who, "192.0.2.7")


def test_whoever_is_erased_leaves_no_account_behind(connection: Connection, who: str) -> None:
    everything(connection, who)
    keeping.erase(connection, who)
    for name in ("account", "recovery_code", "session", "one_time_link", "security_log", "api_token"):
        assert connection.scalar(select(func.count()).select_from(metadata.tables[name])) == 0, name


def test_what_a_restore_brings_back_opens_nothing(connection: Connection, who: str) -> None:
    everything(connection, who)
    keeping.shut(connection)
    for name, left in {"account": 1, "recovery_code": 10, "session": 0, "one_time_link": 0, "security_log": 1}.items():
        assert connection.scalar(select(func.count()).select_from(metadata.tables[name])) == left, name


def test_the_standing_of_a_person_is_that_of_the_day(connection: Connection, who: str) -> None:
    from workflow.queries.acting import Standing, standing

    programme, origin, day = Programme(), Origin("operator", "cli"), date(2026, 6, 9)
    away = access.add(connection, "weg@dortmund.example", "Weg", None, NOW)
    role = Role("keeper", Text("", ""), None)
    access.grant(connection, who, role, None, programme, origin, NOW, valid_from=day, valid_to=day + timedelta(days=1))
    access.deputise(
        connection, away, who, origin, NOW, valid_from=day + timedelta(days=1), valid_to=day + timedelta(days=2)
    )
    found = [standing(connection, who, day + timedelta(days=days)) for days in (-1, 0, 1, 2, 3)]
    keeper = frozenset({"keeper"})
    assert found == [
        Standing(), Standing(keeper), Standing(keeper, deputy=True), Standing(deputy=True), Standing(),
    ]  # fmt: skip
