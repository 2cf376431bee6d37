"""`ideenweg item ranking`: the candidates of a selection round in their order, with every part of each sum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Session, pass_session
from states.ranking import Place
from workflow.errors import BadInput
from workflow.queries.ranking import RoundRanking, ranking_of

PAIR = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*)=([0-9]+(?:\.[0-9]+)?)")


@click.command("ranking", cls=Command)
@click.argument("number")
@click.option("--as", "actor", help="Whose view it is. Absent: the operator's.")
@click.option("--weight", "weights", multiple=True, metavar="CRITERION=N", help="What if a criterion counted N?")
@click.option("--budget", "budget", multiple=True, metavar="CITY=EUROS", help="What if a city had that much money?")
@pass_session
def ranking(
    session: Session, number: str, actor: str | None, weights: tuple[str, ...], budget: tuple[str, ...]
) -> None:
    """Rank the candidates of the selection round NUMBER. Nothing is stored, whatever is tried.

    \b
    Examples:
      ideenweg item ranking 2026-0012
      ideenweg item ranking 2026-0012 --weight sustainability=4 --budget dortmund=2500000 --budget schwerte=400000
    """
    with session.app() as app, app.database.reading() as connection:
        found = ranking_of(
            connection,
            app.rules,
            number,
            actor,
            session.now,
            weights=_pairs("--weight", weights),
            budget=_pairs("--budget", budget) if budget else None,
        )
    if session.as_json:
        emit(document(found, session.locale))
    else:
        _show(session, found)


def document(found: RoundRanking, locale: str) -> dict[str, Any]:
    """The ranking as JSON."""
    ranked = found.ranked
    return {
        "round": found.number,
        "title": found.title,
        "weights": dict(ranked.weights),
        "budget": dict(ranked.budget),
        "left": dict(ranked.left),
        "candidates": [_place(place, found, locale) for place in ranked.places],
        "loads": [
            {
                "city": one.city,
                "year": one.year,
                "person_months": round(one.person_months, 2),
                "capacity": one.capacity,
                "euros": round(one.euros, 2),
                "over": one.over,
            }
            for one in ranked.loads
        ],
    }


def _place(place: Place, found: RoundRanking, locale: str) -> dict[str, Any]:
    one = place.candidate
    return {
        "rank": place.rank,
        "number": one.number,
        "title": one.title,
        "chosen": one.chosen,
        "score": None if place.score is None else round(place.score, 4),
        "parts": [
            {
                "criterion": part.criterion,
                "label": _label(found, part.criterion, locale),
                "points": round(part.points, 4),
                "weight": part.weight,
                "product": round(part.product, 4),
            }
            for part in place.parts
        ],
        "failed": list(place.failed),
        "missing_reviews": place.missing,
        "third_review": place.third,
        "cost": one.cost,
        "fits": place.fits,
    }


def _pairs(option: str, given: tuple[str, ...]) -> Mapping[str, float] | None:
    found = {}
    for text in given:
        match = PAIR.fullmatch(text)
        if match is None:
            raise BadInput(f"{option} {text!r} cannot be read.", remedy="Write name=number, as sustainability=3.")
        found[match[1]] = float(match[2])
    return found or None


def _label(found: RoundRanking, key: str, locale: str) -> str:
    return str(found.labels[key][locale]) if key in found.labels else key


def _show(session: Session, found: RoundRanking) -> None:
    ranked = found.ranked
    if not ranked.places:
        line(session.say("Die Runde hat keine Kandidaten.", "The round has no candidates."))
        return
    criteria = [f"{_label(found, key, session.locale)} ×{weight:g}" for key, weight in ranked.weights.items()]
    table(
        (
            session.say("Rang", "Rank"),
            session.say("Nummer", "Number"),
            session.say("Titel", "Title"),
            session.say("Punkte", "Score"),
            *criteria,
            session.say("Geld", "Money"),
            session.say("Bemerkung", "Remark"),
        ),
        [
            (
                str(place.rank or "–"),
                place.candidate.number,
                place.candidate.title,
                "–" if place.score is None else f"{place.score:.2f}",
                *(_points(place, key) for key in ranked.weights),
                _money(session, place),
                _remark(session, place, found),
            )
            for place in ranked.places
        ],
    )
    for city, euros in ranked.left.items():
        line(session.say(f"Übrig in {city}: {euros:.0f} Euro", f"Left in {city}: {euros:.0f} euros"))
    for load in ranked.loads:
        if load.over:
            needed = f"{load.city} {load.year}: {load.person_months:.1f} > {load.capacity:g}"
            line(session.say(f"Überlast in Personenmonaten: {needed}", f"Overload in person-months: {needed}"))


def _points(place: Place, key: str) -> str:
    return next((f"{part.points:g}" for part in place.parts if part.criterion == key), "")


def _money(session: Session, place: Place) -> str:
    if place.fits is None:
        return ""
    return session.say("reicht", "there") if place.fits else session.say("fehlt", "missing")


def _remark(session: Session, place: Place, found: RoundRanking) -> str:
    said = []
    if place.candidate.chosen:
        said.append(session.say("ausgewählt", "chosen"))
    if place.failed:
        failed = ", ".join(_label(found, key, session.locale) for key in place.failed)
        said.append(session.say(f"K.-o.: {failed}", f"knocked out: {failed}"))
    if place.missing:
        said.append(session.say(f"Bewertungen fehlen: {place.missing}", f"reviews missing: {place.missing}"))
    if place.third:
        said.append(session.say("dritte Bewertung erbeten", "a third review is asked for"))
    return "; ".join(said)
