"""Sends what is to be sent: expands intents, claims deliveries, writes, sends, acknowledges one at a time.

Any number of processes may dispatch at the same time. A crash repeats at most the one message in flight, byte for byte
and under its old Message-ID.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row

from notifications import apart, batches, deliveries, digest
from notifications.ahead import Ahead, Built, Ready
from notifications.channels import Channel, Letter
from notifications.deliveries import Ack
from notifications.errors import Gone, Lost, NoticeError, Permanent, Temporary, Unavailable
from notifications.expand import EMAIL, WEBHOOK, Post, expand
from notifications.letters import Desk, Writer
from notifications.recipients import LeftOut
from workflow.db import Database

log = logging.getLogger(__name__)

BATCH = 50
MAILS_A_DOMAIN = 300
"""Mails to one domain in one run; a run begins every minute, and large providers take bursts amiss."""

LATER = timedelta(minutes=1)

MOST_LOST = 3
"""Messages in a row on which a connection broke off, after which the channel counts as down."""

FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=15)


@dataclass(slots=True)
class Dispatched:
    """What one run came to. put_off: tried again later; down: channels that are down, and why."""

    expanded: int = 0
    sent: int = 0
    failed: int = 0
    put_off: int = 0
    left_out: int = 0
    digests: int = 0
    down: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Breaker:
    """Keeps away from a channel that is down: each failure doubles the rest, a success ends it.

    lost: messages in a row on which the connection broke off.
    """

    rest: timedelta = FIRST_REST
    until: datetime | None = None
    why: str = ""
    lost: int = 0

    def open_at(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    def trip(self, now: datetime, why: str) -> None:
        self.until, self.why = now + self.rest, why
        self.rest = min(LONGEST_REST, self.rest * 2)
        self.lost = 0

    def reset(self) -> None:
        self.rest, self.until, self.why, self.lost = FIRST_REST, None, "", 0


class Dispatcher:
    """The sender of one process. gone: what to do when the receiver of a delivery is no more."""

    def __init__(
        self, database: Database, desk: Desk, post: Post, channels: Mapping[str, Channel], gone: Callable[..., None]
    ) -> None:
        self._database, self._desk, self._post = database, desk, post
        self._channels, self._gone = channels, gone
        self._breakers = {name: Breaker() for name in channels}

    def run(self, now: datetime) -> Dispatched:
        """Do all that is due at the aware moment `now`, once. Raises StorageError."""
        done = Dispatched(expanded=expand(self._database, self._post, now))
        batches.make(self._database, self._post, now)
        done.digests = digest.make(self._database, self._desk, self._post, now)
        for name, channel in self._channels.items():
            breaker = self._breakers[name]
            if breaker.open_at(now):
                done.down[name] = breaker.why
                continue
            try:
                self._deliver(name, channel, now, done)
            except Unavailable as error:
                breaker.trip(now, str(error))
                done.down[name] = breaker.why
                log.warning("%s is down until %s: %s", name, breaker.until, error)
            finally:
                channel.close()
        return done

    def _deliver(self, name: str, channel: Channel, now: datetime, done: Dispatched) -> None:
        domains: Counter[str] = Counter()
        while rows := self._database.attempt(lambda connection: deliveries.claim(connection, name, now, BATCH)):
            ahead = None
            try:
                ahead = Ahead(channel, self._ready(rows, now, done, domains), now, partial(self._settle, done))
                self._send(name, channel, ahead, now, done)
            except BaseException as error:
                why = str(error) if isinstance(error, Unavailable) else None
                self._give_back(rows if ahead is None else ahead.left, why)
                raise

    def _send(self, name: str, channel: Channel, ahead: Ahead, now: datetime, done: Dispatched) -> None:
        """Send them one after the other."""
        ack: Ack | None = None
        while one := ahead.take():
            ours = self._turn(ack, one)
            ack = self._attempt(name, channel, one, ahead.build, now, done) if ours else None
            if self._breakers[name].lost >= MOST_LOST:
                break
        self._turn(ack, None)
        if self._breakers[name].lost >= MOST_LOST:
            raise Unavailable(f"{MOST_LOST} connections in a row broke off, the last with: {ack.result if ack else ''}")

    def _turn(self, ack: Ack | None, one: Built | None) -> bool:
        begun, keep, occasion = (one.row, one.keep, one.occasion) if one else (None, None, None)
        return self._database.attempt(lambda connection: deliveries.turn(connection, ack, begun, keep, occasion))

    def _settle(self, done: Dispatched, *settled: Ack) -> None:
        """Write down what is not sent, now or ever."""
        if settled:
            self._database.attempt(lambda connection: [deliveries.acknowledge(connection, one) for one in settled])
        for one in settled:
            done.failed += one.status == "failed"
            done.left_out += one.status == "left_out"
            done.put_off += one.status == "waiting"

    def _attempt(
        self,
        name: str,
        channel: Channel,
        one: Built,
        meanwhile: Callable[[], object],
        now: datetime,
        done: Dispatched,
    ) -> Ack:
        """Send one; `meanwhile` is called once while the receiver judges it, if it comes to that."""
        row = one.row
        try:
            answer = channel.send(one.parcel, now, meanwhile)
        except Unavailable as error:
            self._database.attempt(partial(deliveries.acknowledge, ack=deliveries.uncounted(row, str(error), now)))
            raise
        except Temporary as error:
            self._breakers[name].lost = self._breakers[name].lost + 1 if isinstance(error, Lost) else 0
            ack = deliveries.again(row, str(error), now)
        except Gone as error:
            self._database.attempt(lambda connection: self._gone(connection, row.recipient, now))
            ack = deliveries.failed(row, str(error), now)
        except Permanent as error:
            ack = deliveries.failed(row, str(error), now)
        except Exception as error:  # whatever it is, the others do not wait for it
            log.exception("%s cannot be sent", row.id)
            channel.close()
            ack = deliveries.again(row, f"{type(error).__name__}: {error}", now)
        else:
            self._breakers[name].reset()
            done.sent += 1
            return deliveries.sent(row, answer, now, keep=row.channel == WEBHOOK)  # to be played again
        done.failed += ack.status == "failed"
        done.put_off += ack.status == "waiting"
        return ack

    def _ready(self, rows: Sequence[Row[Any]], now: datetime, done: Dispatched, domains: Counter[str]) -> list[Ready]:
        """Those of `rows` that can be sent now; the others are settled: failed, needless, or too many for a domain."""
        ready: list[Ready] = []
        settled: list[Ack] = []
        with self._database.reading() as connection:
            writer = Writer(connection, self._desk, now, apart.writer_of(self._desk, now))
            addresses = writer.addresses(rows)
            for row in rows:
                to = addresses.get(row.recipient, "") if row.channel == EMAIL else row.recipient
                domain = to.rpartition("@")[2]
                if row.channel == EMAIL and to and domains[domain] >= MAILS_A_DOMAIN:
                    later = f"{MAILS_A_DOMAIN} mails to {domain} in one run are enough"
                    settled.append(deliveries.uncounted(row, later, now + LATER))
                    continue
                written = self._written(writer, row, now)
                if isinstance(written, Ack):
                    settled.append(written)
                    continue
                domains[domain] += 1
                ready.append(Ready(row, to, written, None if _replayed(row) else writer.occasion(row)))
        self._settle(done, *settled)
        return ready

    def _written(self, writer: Writer, row: Row[Any], now: datetime) -> bytes | Letter | Ack:
        """What a delivery says, or what becomes of it instead. One that cannot be written stops no other."""
        try:
            if not _replayed(row) and (needless := writer.needless(row)):
                return deliveries.left_out(row, needless.value, now)
            if row.message is not None:
                return bytes(row.message)
            letter = writer.letter(row)
            return deliveries.left_out(row, letter.value, now) if isinstance(letter, LeftOut) else letter
        except NoticeError as error:
            return deliveries.failed(row, str(error), now)
        except self._database.errors:  # a lost connection is no message's fault
            raise
        except Exception as error:  # whatever it is, the others do not wait for it
            log.exception("The message of %s cannot be written", row.id)
            return deliveries.failed(row, f"{type(error).__name__}: {error}", now)

    def _give_back(self, rows: Sequence[Row[Any]], result: str | None) -> None:
        self._database.attempt(lambda connection: deliveries.release(connection, rows, result))


def _replayed(row: Row[Any]) -> bool:
    """Whether a webhook is called again on somebody's word, however things stand by now."""
    return row.channel == WEBHOOK and row.message is not None and not row.attempts
