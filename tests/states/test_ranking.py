"""A round's ranking: every part of each sum, knock-outs, money given out in order, and who moves up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from states.ranking import Candidate, Ranking, loads, rank, reviews_wanted

RANKING = Ranking(
    link="candidate_of",
    record="review",
    weights={"sustainability": 3, "social": 2, "transparent": 1},
    knockout=("lawful",),
    apart=1.5,
)


def review(sustainability: int, social: int, transparent: int, *, lawful: bool = True) -> Mapping[str, Any]:
    return {"sustainability": sustainability, "social": social, "transparent": transparent, "lawful": lawful}


def candidate(number: str, *reviews: Mapping[str, Any], **more: Any) -> Candidate:
    given = {"cities": ("dortmund",), "chosen": False, **more}
    return Candidate(number=number, title=f"Idee {number}", reviews=reviews, **given)


def test_the_sums_are_those_of_a_sheet_worked_out_by_hand() -> None:
    # A: (4+5)/2 = 4.5, (3+3)/2 = 3, (2+4)/2 = 3  ->  (3*4.5 + 2*3 + 1*3) / 6 = 22.5 / 6 = 3.75
    # B: 5, 4, 1  ->  (15 + 8 + 1) / 6 = 4
    # C: (2+2)/2 = 2, (5+4)/2 = 4.5, 5  ->  (6 + 9 + 5) / 6 = 3.333…
    found = rank(
        RANKING,
        [
            candidate("2026-0001", review(4, 3, 2), review(5, 3, 4)),
            candidate("2026-0002", review(5, 4, 1), review(5, 4, 1)),
            candidate("2026-0003", review(2, 5, 5), review(2, 4, 5)),
        ],
    )
    assert [(place.rank, place.candidate.number, round(place.score or 0, 4)) for place in found.places] == [
        (1, "2026-0002", 4.0),
        (2, "2026-0001", 3.75),
        (3, "2026-0003", 3.3333),
    ]
    assert [(part.criterion, part.points, part.weight, part.product) for part in found.places[1].parts] == [
        ("sustainability", 4.5, 3, 13.5),
        ("social", 3, 2, 6),
        ("transparent", 3, 1, 3),
    ]


def test_a_knock_out_denied_by_one_review_and_a_missing_review_keep_a_candidate_out() -> None:
    found = rank(
        RANKING,
        [
            candidate("2026-0001", review(5, 5, 5), review(5, 5, 5, lawful=False)),
            candidate("2026-0002", review(5, 5, 5)),
            candidate("2026-0003", review(1, 1, 1), review(1, 1, 1)),
        ],
    )
    assert {place.candidate.number: (place.rank, place.failed, place.missing) for place in found.places} == {
        "2026-0003": (1, (), 0),
        "2026-0001": (None, ("lawful",), 0),
        "2026-0002": (None, (), 1),
    }


def test_other_weights_change_the_order_and_nothing_else() -> None:
    candidates = [
        candidate("2026-0001", review(5, 1, 1), review(5, 1, 1)),
        candidate("2026-0002", review(1, 1, 5), review(1, 1, 5)),
    ]
    assert rank(RANKING, candidates).places[0].candidate.number == "2026-0001"
    what_if = rank(RANKING, candidates, weights={"sustainability": 0, "transparent": 5})
    assert what_if.places[0].candidate.number == "2026-0002"
    assert what_if.weights == {"sustainability": 0, "social": 2, "transparent": 5}


@pytest.mark.parametrize("weights", [{"social": -1}, {"sustainability": 0, "social": 0, "transparent": 0}])
def test_weights_that_weigh_nothing_are_refused(weights: Mapping[str, float]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        rank(RANKING, [], weights=weights)


def test_equal_scores_are_ordered_by_cost_and_then_by_number() -> None:
    same = (review(3, 3, 3), review(3, 3, 3))
    found = rank(
        RANKING,
        [
            candidate("2026-0003", *same, cost=5.0),
            candidate("2026-0002", *same),
            candidate("2026-0001", *same, cost=5.0),
            candidate("2026-0004", *same, cost=1.0),
        ],
    )
    assert [place.candidate.number[-1] for place in found.places] == ["4", "1", "3", "2"]


def test_money_is_given_in_order_a_joint_candidate_needs_it_in_both_cities_and_a_smaller_one_may_still_fit() -> None:
    both = ("dortmund", "schwerte")
    found = rank(
        RANKING,
        [
            candidate("2026-0001", review(5, 5, 5), review(5, 5, 5), cost=60.0),
            candidate("2026-0002", review(4, 4, 4), review(4, 4, 4), cost=100.0, cities=both),
            candidate("2026-0003", review(3, 3, 3), review(3, 3, 3), cost=40.0),
            candidate("2026-0004", review(2, 2, 2), review(2, 2, 2)),
        ],
        budget={"dortmund": 100.0, "schwerte": 30.0},
    )
    assert [place.fits for place in found.places] == [True, False, True, None]
    assert found.left == {"dortmund": 0.0, "schwerte": 30.0}


def test_the_next_one_moves_up_when_a_chosen_one_drops_out() -> None:
    chosen = candidate("2026-0001", review(5, 5, 5), review(5, 5, 5), cost=100.0, chosen=True)
    waiting = candidate("2026-0002", review(4, 4, 4), review(4, 4, 4), cost=80.0)
    before = rank(RANKING, [waiting, chosen], budget={"dortmund": 150.0})
    assert [(place.rank, place.fits) for place in before.places] == [(None, True), (1, False)]
    after = rank(RANKING, [waiting], budget={"dortmund": 150.0})
    assert [(place.rank, place.fits) for place in after.places] == [(1, True)]


def test_two_reviews_that_differ_by_more_than_the_margin_ask_for_a_third() -> None:
    far, near = candidate("2026-0001", review(5, 5, 5), review(3, 3, 3)), candidate("2026-0002", review(4, 4, 4))
    settled = candidate("2026-0003", review(5, 5, 5), review(3, 3, 3), review(4, 4, 4))
    found = rank(RANKING, [far, near, settled])
    assert reviews_wanted(found.places) == ["2026-0001"]


def test_staff_and_money_are_spread_over_days_and_cities_and_overload_shows() -> None:
    # 2026-07-01 to 2027-06-30: 184 of 365 days in 2026, 181 in 2027.
    one = candidate(
        "2026-0001", cost=73_000.0, staff=36.5, cities=("dortmund", "schwerte"),
        starts=date(2026, 7, 1), ends=date(2027, 6, 30),
    )  # fmt: skip
    found = loads([one], {("dortmund", 2026): 9.0, ("dortmund", 2027): 9.05})
    assert [(load.city, load.year, load.person_months, load.euros, load.over) for load in found] == [
        ("dortmund", 2026, 9.2, 18_400.0, True),
        ("dortmund", 2027, 9.05, 18_100.0, False),
        ("schwerte", 2026, 9.2, 18_400.0, False),
        ("schwerte", 2027, 9.05, 18_100.0, False),
    ]
