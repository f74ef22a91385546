"""Waveforms of simulations: VCD files that waveform viewers open.

A file's first line is a comment with the digest of the rest, so that only files that qhw wrote are
replaced."""

from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from ..errors import QhwError
from ..tools.files import write_whole

__all__ = ["check_vcd", "recorded", "write_vcd"]


@contextmanager
def recorded(path: Path | None, folder: Path) -> Generator[list[Path]]:
    """Yields the file in ``folder`` that a simulator writes its waveform to, as a list; it becomes
    ``path``, even if the simulation failed, because then it is looked at. Without a path the list
    is empty."""
    if path is None:
        yield []
        return
    new = folder / "waves.vcd"
    try:
        yield [new]
    except QhwError:
        if new.exists():
            write_vcd(path, new)
        raise
    write_vcd(path, new)


def write_vcd(path: Path, new: Path) -> None:
    """Copies the waveform ``new`` to ``path``, in place of one that this function wrote.

    QhwError if the existing file is another one. A link is followed.
    """
    check_vcd(path)

    def write(file: IO[bytes]) -> None:
        with new.open("rb") as source:
            file.write(_mark(source))
            source.seek(0)
            copyfileobj(source, file)
    write_whole(path, write)


def check_vcd(path: Path) -> None:
    """Raises QhwError if ``write_vcd`` would refuse to replace the file, or if its name does not
    end in .vcd."""
    if path.suffix != ".vcd":
        raise QhwError(f"{path}: waveforms are VCD files: give a name that ends in .vcd")
    try:
        if path.is_file():
            with path.open("rb") as file:
                marked = not path.stat().st_size or file.readline(200) == _mark(file)
            if not marked:
                raise QhwError(f"{path}: it was not written by qhw, or changed since; name another")
        elif path.exists():
            raise QhwError(f"{path}: it exists and is no file; name another")
    except OSError as e:
        raise QhwError(f"{path}: {e.strerror or e}") from None


def _mark(rest: IO[bytes]) -> bytes:
    """Computes the first line of a file with this rest."""
    return f"$comment written by qhw {_digest(rest)} $end\n".encode()


def _digest(rest: IO[bytes]) -> str:
    """Computes the digest of a file from its position to its end."""
    digest = sha256()
    while block := rest.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
