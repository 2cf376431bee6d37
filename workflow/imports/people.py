"""The people whom another tool's log names: known ones by their address, the others as they are found."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from states.snapshot import Grant, Person
from workflow import access
from workflow.errors import BadInput
from workflow.imports.keys import key_of
from workflow.imports.task import Task
from workflow.streams import Origin

NOWHERE = "stand-in.invalid"
"""The domain of those of whom a log knows a name alone: nobody can be reached there (RFC 2606 §2)."""


class People:
    """Finds or makes the person behind each name of a log.

    Who was allowed to do what was the other tool's business. So each of them holds every role here, and the lifecycle
    is asked for everything else: the order of the steps, their guards, four eyes.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._roles = tuple(Grant(role) for role in task.lifecycle.roles)
        self._found: dict[str, Person] = {}  # by address
        self._unknown: dict[str, str] = {}  # address -> name; "" where the log knows the address itself

    @property
    def unknown(self) -> int:
        """How many of them become persons by this import."""
        return len(self._unknown)

    def __getitem__(self, who: str) -> Person:
        """The person; before `enlist`, whoever is not known yet goes by their address. Raises BadInput."""
        address = access.checked_email(who) if "@" in who else stand_in(self._task.source, who)
        if address not in self._found:
            known = self._task.person(address)
            if known is None:
                self._unknown[address] = "" if "@" in who else who
            self._found[address] = replace(known or Person(address), grants=self._roles)
        return self._found[address]

    def enlist(self, connection: Connection, actor: Person, origin: Origin) -> None:
        """Make persons of those who are not known yet. actor: who brings the log in, by now a person."""
        for address, name in self._unknown.items():
            if address == self._task.actor.asked:
                key = actor.id
            elif name:
                key = access.add_stand_in(connection, address, name, origin, self._task.now)
            else:
                key = access.add(connection, address, "", origin, self._task.now)
            self._found[address] = Person(key, self._roles)


def stand_in(source: str, name: str) -> str:
    """The address of somebody of whom the log of `source` knows the name alone: the same in every run."""
    return f"{key_of([source, name])}@{NOWHERE}"


def address_fault(who: str) -> BadInput | None:
    """What is wrong with the e-mail address of a person; None: nothing, or it is a name."""
    try:
        if "@" in who:
            access.checked_email(who)
    except BadInput as error:
        return error
    return None
