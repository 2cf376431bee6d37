"""Do the bodies, offices and cities of a programme name only each other?"""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.names import unknown
from states.faults import Fault
from states.programme import Programme


def check_programme(programme: Programme) -> Iterator[Fault]:
    """Every city that a body or an office names, and every office that a city names, which the programme lacks."""
    for section, entries in (("bodies", programme.bodies), ("offices", programme.offices)):
        for key, entry in entries.items():
            if entry.city is not None and entry.city not in programme.cities:
                yield unknown("city", entry.city, (section, key, "city"), programme.cities)
    for key, city in programme.cities.items():
        if city.office is not None and city.office not in programme.offices:
            yield unknown("office", city.office, ("cities", key, "office"), programme.offices)
