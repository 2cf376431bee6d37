"""For what a role is granted: a city, a body or a unit that the programme knows, or all of it."""

from __future__ import annotations

from states.lifecycle import Role, Scope
from states.programme import Programme
from states.sentences import Sentence, said
from workflow.errors import BadInput

_SCOPES = {
    Scope.CITY: Sentence("eine Stadt", "a city"),
    Scope.BODY: Sentence("ein Gremium", "a body"),
    Scope.UNIT: Sentence("eine Stelle", "a unit"),
}


def checked_scope(role: Role, scope: str | None, programme: Programme) -> str | None:
    """The kind of scope for which the role is granted; None: for the whole programme. Raises BadInput for a scope of
    another kind, or one that the programme does not know."""
    kind = role.scope
    if kind is Scope.ITEM:
        raise BadInput(
            Sentence(f"{role.key} ist eine Rolle an einzelnen Vorgängen.", f"{role.key} is a role on single items."),
            remedy=Sentence(
                f"Nehmen Sie `ideenweg item assign NUMBER {role.key} PERSON`.",
                f"Use `ideenweg item assign NUMBER {role.key} PERSON`.",
            ),
        )
    if kind is None:
        if scope is not None:
            raise BadInput(
                Sentence(
                    f"{role.key} gilt für das ganze Programm, nicht für eine Stadt, ein Gremium oder eine Stelle.",
                    f"{role.key} holds for the whole programme and takes no city, body or unit.",
                )
            )
        return None
    known = {Scope.CITY: programme.cities, Scope.BODY: programme.bodies, Scope.UNIT: programme.offices}[kind]
    if scope is None:
        choice = ", ".join(known)
        raise BadInput(
            said(
                "{role} wird für {kind} vergeben.", "{role} is granted for {kind}.", role=role.key, kind=_SCOPES[kind]
            ),
            remedy=Sentence(f"Ergänzen Sie --{kind} mit: {choice}.", f"Add --{kind} with one of {choice}."),
        )
    if scope not in known:
        choice = ", ".join(known)
        raise BadInput(
            Sentence(f"„{scope}“ gibt es im Programm nicht.", f"The programme has no {kind} {scope!r}."),
            remedy=Sentence(f"Bekannt: {choice}.", f"Known: {choice}."),
        )
    return kind.value
