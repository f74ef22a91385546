"""Programs that are started and folders that are needed for a while: none outlives this process.

A signal that ends the command kills every program at once and raises ``Ended`` in the main thread;
what the exception does not reach on its way out, ``sweep`` removes.
"""

import atexit
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import IO, Any

__all__ = ["SIGNALS", "Ended", "adopt", "ended", "heed", "lasting", "scratch", "started", "sweep",
           "temporary"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN = 0.05
"""Seconds after which the main thread is woken again."""
PATIENCE = 5
"""Seconds in which a worker process ends that is told to."""


class Ended(BaseException):
    """A signal ends this process; no Exception, so that nobody takes it for a failed point."""

    def __init__(self, number: int, note: str = "nothing was written"):
        super().__init__(number)
        self.number, self.note = signal.Signals(number), note

    @property
    def status(self) -> int:
        """What a shell says of a process that a signal ended."""
        return 128 + self.number


class _State:
    """What the handler must know."""

    def __init__(self) -> None:
        self.programs: set[subprocess.Popen[Any]] = set()
        self.paths: set[Path] = set()
        self.held = 0
        """While the main thread starts a program, which must be known before it is left."""
        self.number: int | None = None

    def kill(self) -> None:
        for program in list(self.programs):
            _kill(program)


_state = _State()


def heed(*ignored: int) -> None:
    """From now on INT, TERM and HUP raise ``Ended`` once, and again do nothing; those ``ignored``,
    or that this process was started to ignore, as by nohup, never do anything."""
    for number in SIGNALS:
        if number in ignored:
            signal.signal(number, signal.SIG_IGN)
        elif signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    Thread(target=_wake, args=(read,), daemon=True).start()


def _wake(pipe: int) -> None:
    """Passes a signal to the main thread, which goes on sleeping if a library's thread caught it.
    """
    while (number := os.read(pipe, 1)[0]) not in SIGNALS:
        pass
    while _state.number is None:
        signal.pthread_kill(main_thread().ident or 0, number)
        time.sleep(AGAIN)


def _end(number: int, _: object) -> None:
    if _state.number is not None:   # what is being cleaned up is not to be cut short
        return
    _state.number = number
    _state.kill()
    if not _state.held:
        raise Ended(number)


def ended() -> int | None:
    """The signal that came, if one did: an exception can get lost, as in a destructor."""
    return _state.number


def _go_on() -> None:
    if _state.number is not None:
        raise Ended(_state.number)


@contextmanager
def _held() -> Generator[None]:
    mine = current_thread() is main_thread()
    _state.held += mine
    try:
        yield
    finally:
        _state.held -= mine


@contextmanager
def started(command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None,
            **how: Any) -> Generator[subprocess.Popen[Any]]:
    """A program in a process group of its own, which dies as a whole if the block raises. ``how``
    is what ``subprocess.Popen`` takes besides."""
    with _held():
        program = subprocess.Popen(command, cwd=cwd, env={**os.environ, **(env or {})},
                                   process_group=0, **how)
        _state.programs.add(program)
    try:
        with program:
            try:
                _go_on()
                yield program
            except BaseException:
                _kill(program)
                raise
        _go_on()
    finally:
        _state.programs.discard(program)


def adopt(program: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """A program that others started in a process group of its own, and end themselves unless a
    signal ends this process."""
    _state.programs.add(program)
    return program


def _kill(program: subprocess.Popen[Any]) -> None:
    """With all of its group; as long as nobody has waited for it, the number is its own."""
    if program.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)


@contextmanager
def scratch(prefix: str = "qhw-", within: Path | None = None) -> Generator[Path]:
    """A new folder for as long as the block lasts, among temporary files or ``within`` another."""
    folder = _named(prefix, Path(tempfile.gettempdir()) if within is None else within)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)


def lasting(prefix: str) -> Path:
    """A new folder for as long as this process lasts."""
    folder = _named(prefix, Path(tempfile.gettempdir()))
    atexit.register(_remove, folder)
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def temporary(beside: Path) -> Generator[tuple[Path, IO[bytes]]]:
    """A new file in the folder of another, to be moved; it is gone after the block if it was not.
    """
    path = _named(f".{beside.name[:32]}-", beside.parent)
    try:
        with path.open("x+b") as file:
            yield path, file
    finally:
        _remove(path)


def _named(prefix: str, within: Path) -> Path:
    """Known before it is there: no signal can come between."""
    path = within / f"{prefix}{secrets.token_hex(8)}"
    _state.paths.add(path)
    return path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
    _state.paths.discard(path)


def sweep() -> None:
    """Ends and removes all that is left."""
    _state.kill()
    workers = active_children()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(PATIENCE)
        worker.kill()
    for path in list(_state.paths):
        _remove(path)
