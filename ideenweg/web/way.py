"""The way of an item through the stages: what is behind it, where it is, what is still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from states.lifecycle import Lifecycle
from states.sentences import Text


@dataclass(frozen=True, slots=True)
class Leg:
    """A stage on the way of an item; `mark` is done, here, ended or open."""

    label: Text
    mark: str


def way(lifecycle: Lifecycle, state: str, visited: Iterable[str | None]) -> list[Leg]:
    """Every stage with what it is for an item in `state` that was in the states `visited`, in their order."""
    passed = [one.stage for key in visited if (one := lifecycle.states.get(key or "")) and one.stage]
    now = lifecycle.states[state].stage
    last = now or (passed[-1] if passed else None)
    stages = list(lifecycle.stages)
    reached = stages.index(last) if last else -1
    here = "here" if now else "ended"
    marks = ["done"] * reached + [here] * (reached >= 0) + ["open"] * (len(stages) - reached - 1)
    return [Leg(stage.label, mark) for stage, mark in zip(lifecycle.stages.values(), marks, strict=True)]
