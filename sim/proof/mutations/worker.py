"""A process that damages and reads files, with limits of time and memory for each."""

import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from qhw.errors import QhwError

from ...strict import strict
from .kinds import KINDS, Kind

__all__ = ["BYTES", "SECONDS", "one", "work"]

SECONDS, BYTES = 20, 2 << 30
LONGEST = 120
"""Seconds by the clock, of a machine with other work; ``SECONDS`` are of processor time."""


class TooLong(BaseException):
    """A file took more than ``SECONDS``."""


def one(kind: Kind, seed: int) -> tuple[str, str]:
    """read, refused, traceback, hang or memory, and why."""
    path = kind.write(Random(f"{kind.name} {seed}"))
    try:
        kind.read(path)
        return "read", ""
    except QhwError as e:
        if len(str(e).splitlines()) > 1:
            return "traceback", f"several lines: {str(e)!r:.200}"
        return "refused", str(e)
    except TooLong:
        return "hang", _where()
    except MemoryError:
        return "memory", _where()
    except Exception as e:
        return "traceback", f"{type(e).__name__}: {str(e)!r:.200}{_where()}"


def _where() -> str:
    """The last line of qhw that was under way."""
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "/qhw/" in f.filename]
    return "".join(f" < {Path(f.filename).name}:{f.lineno}" for f in frames[::-1][:3])


def work(kind: Kind, seeds: Iterator[int], kept: Path, say: Any = print) -> None:
    """Says a line for each file; what is neither read nor refused is kept."""
    ticks = 0

    def late(*_: Any) -> None:
        raise TooLong

    def tick(*_: Any) -> None:      # none come while the process is stopped
        nonlocal ticks
        ticks += 1
        if ticks >= LONGEST:
            raise TooLong

    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + BYTES, now + BYTES))
    signal.signal(signal.SIGPROF, late)
    signal.signal(signal.SIGALRM, tick)
    strict()
    for seed in seeds:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        ticks = 0
        signal.setitimer(signal.ITIMER_REAL, 1, 1)
        found, why = one(kind, seed)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if found not in ("read", "refused"):
            kept.mkdir(parents=True, exist_ok=True)
            shutil.copytree(kind.folder, kept / f"{kind.name}-{seed}", dirs_exist_ok=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        say(f"{seed} {found} {peak} {' '.join(why.split())}", flush=True)


if __name__ == "__main__":
    name, first, count, folder, kept = sys.argv[1:]
    work(KINDS[name](Path(folder)), iter(range(int(first), int(first) + int(count))), Path(kept))
