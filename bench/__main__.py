"""`python -m bench [SUITE …]`: runs the suites, each against its floor, and prints their tables."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

SUITES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "__main__", "postgres")
)


def main() -> None:
    """Run the suites named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("suite", nargs="*", metavar="SUITE", help=f"one of {', '.join(SUITES)}; none: all of them")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each figure is measured (default 4)")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.suite if name not in SUITES]
    if unknown:
        parser.error(f"there is no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    for name in chosen.suite or SUITES:
        import_module(f"bench.{name}").run(seconds=chosen.seconds)


main()
