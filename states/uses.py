"""Reads the guards that a lifecycle file uses: looks them up, and holds their parameters to their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.checks import Used
from states.document import Path
from states.errors import nearest
from states.faults import Fault, Validator, held_to, shown
from states.guards.base import Guard
from states.lifecycle import GuardUse


class GuardUses:
    """Collects what is wrong with the guards it reads, and where each of them stands.

    checked: the parameters were held to their schemas before.
    """

    def __init__(self, vocabulary: Mapping[str, Guard], *, checked: bool = False) -> None:
        self._vocabulary = vocabulary
        self._checked = checked
        self.faults: list[Fault] = []
        self.found: list[Used] = []

    def read(self, data: Any, path: Path) -> tuple[GuardUse, ...]:
        """The guards in the list `data` at `path`; unknown ones are left out."""
        uses = (self._use(entry, (*path, at)) for at, entry in enumerate(data))
        return tuple(use for use in uses if use is not None)

    def _use(self, entry: Any, path: Path) -> GuardUse | None:
        if not isinstance(entry, str) and not (isinstance(entry, Mapping) and len(entry) == 1):
            message = f"{shown(entry)} is no guard.".capitalize()
            self.faults.append(
                Fault("value", path, message, "Write a guard's name, or `name: {parameters}`.", value=True, broken=True)
            )
            return None
        name, params = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        guard, at = self._vocabulary.get(name), (*path, name)
        if guard is None:
            hint = nearest(name, sorted(self._vocabulary))
            self.faults.append(Fault("unknown-guard", at, f"There is no guard {name!r}.", hint, broken=True))
            return None
        params = {} if params is None else params
        whole, faults = (params, []) if self._checked else held_to(Validator(guard.schema), params, at)
        self.faults += faults
        use = GuardUse(name, self._resolved(whole or {}, guard.schema, at), guard)
        self.found.append(Used(at, use, str(path[1])))
        return use

    def _resolved(self, params: Mapping[str, Any], schema: Mapping[str, Any], path: Path) -> dict[str, Any]:
        """The parameters, with lists of guards (`x-guards` in the schema) read as such."""
        properties = schema.get("properties", {})
        return {
            key: self.read(value, (*path, key)) if "x-guards" in properties.get(key, {}) else value
            for key, value in params.items()
        }
