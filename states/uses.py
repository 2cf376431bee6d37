"""Reads the guards that a lifecycle file uses: looks them up, and holds their parameters to their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from states.document import Path
from states.errors import nearest
from states.faults import Fault, shown
from states.guards.base import Guard
from states.lifecycle import GuardUse
from states.schema.breaks import Validator, held_to
from states.sentences import Sentence, in_locale

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value among a guard's parameters, and the object of parameters it stands in, whose `record`, `of`, … it means.

    key: under which it stands there. named: what the keys around it name, where these are names ("field", "entry").
    is_key: it is such a key itself.
    """

    value: Any
    schema: Schema
    path: Path
    beside: Mapping[str, Any]
    key: str = ""
    named: str = ""
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """A guard that stands at `path`, under the transition of that name."""

    path: Path
    use: GuardUse
    transition: str

    def parameters(self) -> Iterator[Parameter]:
        """Every value in its parameters with the part of the schema that speaks of it, but for guards among them."""
        yield from _walk(Parameter(self.use.params, self.use.guard.schema, self.path, self.use.params))

    def names(self, what: str) -> Iterator[str]:
        """The roles, record kinds, … that its parameters name."""
        for one in self.parameters():
            if one.schema.get("x-names") == what and isinstance(one.value, str):
                yield one.value


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
            message = Sentence(
                f"{in_locale(shown(entry), 'de')} ist kein Guard.".capitalize(),
                f"{shown(entry)} is no guard.".capitalize(),
            )
            hint = Sentence(
                "Schreiben Sie den Namen eines Guards, oder `name: {Parameter}`.",
                "Write a guard's name, or `name: {parameters}`.",
            )
            self.faults.append(Fault("value", path, message, hint, value=True, broken=True))
            return None
        name, params = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        guard, at = self._vocabulary.get(name), (*path, name)
        if guard is None:
            message = Sentence(f"Den Guard „{name}“ gibt es nicht.", f"There is no guard {name!r}.")
            hint = nearest(name, sorted(self._vocabulary))
            self.faults.append(Fault("unknown-guard", at, message, hint, broken=True))
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


def _walk(one: Parameter) -> Iterator[Parameter]:
    yield one
    if one.schema.get("x-guards"):
        return
    if isinstance(one.value, Mapping):
        properties = one.schema.get("properties", {})
        naming = one.schema.get("propertyNames", {})
        beside = one.value if properties else one.beside
        for key, value in one.value.items():
            inner = properties.get(key) or one.schema.get("additionalProperties") or {}
            if naming:
                yield replace(one, value=key, schema=naming, path=(*one.path, key), beside=beside, key=key, is_key=True)
            if isinstance(inner, Mapping):
                named = naming.get("x-names", "")
                yield from _walk(Parameter(value, inner, (*one.path, key), beside, key, named))
    elif isinstance(one.value, (list, tuple)) and isinstance(one.schema.get("items"), Mapping):
        for at, value in enumerate(one.value):
            yield from _walk(replace(one, value=value, schema=one.schema["items"], path=(*one.path, at)))
