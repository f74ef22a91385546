"""Signals for processes that tests start, and tools that never come to an end."""

import os
import signal
import stat
import time
from pathlib import Path

SOON = 5
LONG = 60
"""Seconds after which what should have happened has not."""


def heard() -> None:
    """In a child before it starts: what a shell runs in the background ignores Ctrl-C, and with it
    all that it starts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def endless(folder: Path, name: str = "tool") -> Path:
    """A program that starts another, writes both numbers into ``pids`` beside it, and sleeps."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text('#!/bin/sh\n[ "$1" = -V ] && exec echo 1\nsleep 600 &\n'
                    f"echo $$ $! >{folder}/part.$$\nmv {folder}/part.$$ {folder}/pids.$$\nwait\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def started_by(tool: Path, process, count: int = 1) -> list[int]:
    """The numbers of all that ran ``tool`` started, once so many did."""
    end = time.monotonic() + LONG
    while len(found := list(tool.parent.glob("pids.*"))) < count:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    return [int(pid) for path in found for pid in path.read_text().split()]


def lives(pid: int) -> bool:
    """Whether a process runs; one that nobody waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pids: list[int]) -> bool:
    """Whether all are, now or at once: Python's own helpers go when they see that we are."""
    end = time.monotonic() + SOON
    while alive := any(map(lives, pids)):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return not alive


def children_of(pid: int) -> list[int]:
    """Its descendants, and theirs."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        parents.setdefault(parent, []).append(int(folder.name))
    found, todo = [], [pid]
    while todo:
        found += (more := parents.get(todo.pop(), []))
        todo += more
    return [one for one in found if one != os.getpid()]
