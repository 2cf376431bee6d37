"""An installation that all tests of a worker look at, alone and behind a socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .installation import Installation, installed, served


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("looks")) as made:
        yield made


@pytest.fixture(scope="session")
def site(installation: Installation) -> Iterator[Installation]:
    """The same with an address for a browser."""
    with served(installation) as made:
        yield made
