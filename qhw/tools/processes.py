"""Child programs and temporary folders: none of them outlives this process.

A signal that ends the command kills every program at once and raises ``Ended`` in the main thread;
``sweep`` removes the programs and folders that the exception does not reach.
"""

import atexit
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import IO, Any

__all__ = ["SIGNALS", "Ended", "adopt", "ended", "heed", "lasting", "scratch", "started", "sweep",
           "temporary"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN = 0.05
"""Seconds between two attempts to wake the main thread."""
PATIENCE = 5
"""Seconds that a worker process has to end after SIGTERM."""


class Ended(BaseException):
    """A signal ends this process. It is not an Exception, so no handler mistakes it for a failed
    point."""

    def __init__(self, number: int, note: str = "nothing was written"):
        super().__init__(number)
        self.number, self.note = signal.Signals(number), note

    @property
    def status(self) -> int:
        """The exit status that a shell reports for this signal."""
        return 128 + self.number


class _State:
    """State shared with the signal handler."""

    def __init__(self) -> None:
        self.programs: set[subprocess.Popen[Any]] = set()
        self.paths: set[Path] = set()
        self.held = 0
        """While the main thread starts a program, which must be known before it is left."""
        self.number: int | None = None

    def kill(self) -> None:
        """Kills all running programs with their process groups."""
        for program in list(self.programs):
            _kill(program)


_state = _State()


def heed(*ignored: int) -> None:
    """Makes INT, TERM and HUP raise ``Ended`` once, and ignores them afterwards.

    Signals in ``ignored`` are ignored from the start. So are signals that were ignored when this
    process started, as under nohup."""
    for number in SIGNALS:
        if number in ignored:
            signal.signal(number, signal.SIG_IGN)
        elif signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    Thread(target=_wake, args=(read,), daemon=True).start()
    sys.unraisablehook = _unraisable(sys.unraisablehook)


def _unraisable(before: Callable[["sys.UnraisableHookArgs"], object]
                ) -> Callable[["sys.UnraisableHookArgs"], None]:
    """Makes a hook that is silent about an ``Ended`` that a destructor swallows: ``ended`` reports
    it. Other exceptions go to the hook ``before``."""
    def hook(found: "sys.UnraisableHookArgs") -> None:
        if not isinstance(found.exc_value, Ended):
            before(found)
    return hook


def _wake(pipe: int) -> None:
    """Forwards a signal to the main thread, which keeps sleeping if another thread received it."""
    while (number := os.read(pipe, 1)[0]) not in SIGNALS:
        pass
    while _state.number is None:
        signal.pthread_kill(main_thread().ident or 0, number)
        time.sleep(AGAIN)


def _end(number: int, _: object) -> None:
    if _state.number is not None:   # the cleanup must not be interrupted
        return
    _state.number = number
    _state.kill()
    if not _state.held:
        raise Ended(number)


def ended() -> int | None:
    """Returns the signal that was received; None if there was none. Its exception can get lost, for
    example in a destructor."""
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
    """Starts a program in its own process group; the whole group is killed if the block raises.

    Parameters
    ----------
    command : the program and its arguments
    cwd : its working folder
    env : environment variables added to this process's own
    how : other arguments of ``subprocess.Popen``
    """
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
    """Registers a program that a library started in its own process group, so that a signal kills
    it."""
    _state.programs.add(program)
    return program


def _kill(program: subprocess.Popen[Any]) -> None:
    """Kills a program and its group; until somebody waits for it, its process number is its own."""
    if program.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)


@contextmanager
def scratch(prefix: str = "qhw-", within: Path | None = None) -> Generator[Path]:
    """Makes a folder for the duration of the block, among temporary files or in ``within``."""
    folder = _named(prefix, Path(tempfile.gettempdir()) if within is None else within)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)


def lasting(prefix: str) -> Path:
    """Makes a temporary folder for the duration of this process."""
    folder = _named(prefix, Path(tempfile.gettempdir()))
    atexit.register(_remove, folder)
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def temporary(beside: Path) -> Generator[tuple[Path, IO[bytes]]]:
    """Makes a file in the folder of ``beside``; it is removed after the block unless it was moved.
    """
    path = _named(f".{beside.name[:32]}-", beside.parent)
    try:
        with path.open("x+b") as file:
            yield path, file
    finally:
        _remove(path)


def _named(prefix: str, within: Path) -> Path:
    """Makes up a path and registers it before it exists, so that no signal can come between."""
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
    """Kills all programs and workers that still run, and removes all temporary files."""
    _state.kill()
    workers = active_children()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(PATIENCE)
        worker.kill()
    for path in list(_state.paths):
        _remove(path)
