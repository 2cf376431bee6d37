"""Do the bodies and offices of a programme belong to cities that it has?"""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.names import unknown
from states.faults import Fault
from states.programme import Programme


def check_programme(programme: Programme) -> Iterator[Fault]:
    """Every city that a body or an office names and the programme lacks."""
    for section, entries in (("bodies", programme.bodies), ("offices", programme.offices)):
        for key, entry in entries.items():
            if entry.city is not None and entry.city not in programme.cities:
                yield unknown("city", entry.city, (section, key, "city"), programme.cities)
