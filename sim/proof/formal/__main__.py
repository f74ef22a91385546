"""Proves every property of stream units and tiles, or those that match a word, and counts them."""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from .proving import Property, proven
from .streams import properties as of_stream
from .tiles import tiles
from .units import streams


def claims() -> list[Property]:
    """All properties: of each stream unit, then of each scheme's tile."""
    return [*(p for of in streams() for p in of_stream(of)), *tiles()]


def main(argv: Sequence[str] | None = None) -> int:
    """All that match a word, and what failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only properties that have one of these in them")
    words = parser.parse_args(argv).words
    chosen = [p for p in claims() if not words or any(w in f"{p.unit}: {p.name}" for w in words)]
    units = [list(of) for _, of in groupby(chosen, lambda p: p.unit)]
    begin, refuted = time.perf_counter(), 0
    with ThreadPoolExecutor(2) as pool:
        for properties, (found, seconds) in zip(units, pool.map(_timed, units), strict=True):
            print(f"{properties[0].unit} ({seconds:.0f} s)")
            for of, good in zip(properties, found, strict=True):
                print(f"  {'proven ' if good else 'REFUTED'} {of.name}", flush=True)
            refuted += len(found) - sum(found)
    print(f"{len(chosen) - refuted} of {len(chosen)} properties proven, "
          f"{time.perf_counter() - begin:.0f} s")
    return bool(refuted)


def _timed(properties: Sequence[Property]) -> tuple[list[bool], float]:
    begin = time.perf_counter()
    return proven(properties), time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
