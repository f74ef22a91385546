"""Input files within limits: a file that exceeds one is refused with a one-line ModelError."""

import json
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .. import limits
from ..errors import ModelError
from .typed import is_list, is_table

__all__ = ["beginning", "json_of", "plain", "read_bytes", "read_text"]


def read_bytes(path: Path, most: int) -> bytes:
    """Reads a regular file of at most ``most`` bytes; ModelError names the file and the fault."""
    with _opened(path) as (file, size):
        if size > most:
            raise ModelError(f"{path}: it has {size} bytes, more than {most}")
        content = file.read(size + 1)
    if len(content) > size:
        raise ModelError(f"{path}: it grows while it is read")
    return content


def beginning(path: Path, most: int) -> bytes:
    """Reads the first ``most`` bytes of a regular file, or the whole file if it is shorter;
    ModelError names the file and the fault."""
    with _opened(path) as (file, _):
        return file.read(most)


@contextmanager
def _opened(path: Path) -> Generator[tuple[IO[bytes], int]]:
    """Opens a regular file; yields it and its size in bytes. ModelError names the file and the
    fault."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise ModelError(f"{path}: this is a folder, not a file")
        if not stat.S_ISREG(about.st_mode):
            raise ModelError(f"{path}: this is no regular file")
        with path.open("rb") as file:
            yield file, about.st_size
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file") from None
    except OSError as e:
        raise ModelError(f"{path}: it cannot be read: {e.strerror}") from None
    except ValueError as e:     # a null in the path
        raise ModelError(f"{str(path)!r}: it cannot be read: {e}") from None
    except MemoryError:
        raise ModelError(f"{path}: there is not enough memory for it") from None


def read_text(path: Path, most: int = limits.TEXT_BYTES) -> str:
    """Reads a UTF-8 file of at most ``most`` bytes; ModelError names the file and the fault."""
    try:
        return read_bytes(path, most).decode("utf-8")
    except UnicodeDecodeError as e:
        raise ModelError(f"{path}: it is no text in UTF-8 (byte {e.start})") from None


def json_of(path: Path, most: int = limits.TEXT_BYTES) -> Any:
    """Reads a JSON file of at most ``most`` bytes; ModelError for repeated keys, large numbers or
    deep nesting."""
    try:
        return plain(json.loads(read_text(path, most), object_pairs_hook=_once))
    except RecursionError:
        raise ModelError(f"{path}: its arrays and objects are nested more than "
                         f"{limits.TEXT_NESTING} levels deep") from None
    except ValueError as e:
        raise ModelError(f"{path}: {e}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    known = dict(pairs)
    if len(known) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} is there twice")
    return known


def plain(thing: Any, depth: int = 0) -> Any:
    """Returns the content ``thing`` of a TOML or JSON file, unchanged, at nesting level ``depth``.

    ValueError if it is nested deeper than the limit, or an integer has more bits than the limit.
    """
    if depth > limits.TEXT_NESTING:
        raise ValueError(f"tables and arrays are nested more than {limits.TEXT_NESTING} deep")
    if isinstance(thing, int) and thing.bit_length() > limits.INTEGER_BITS:
        raise ValueError(f"an integer has {thing.bit_length()} bits, more than "
                         f"{limits.INTEGER_BITS} and a sign")
    below = thing.values() if is_table(thing) else thing if is_list(thing) else ()
    for one in below:
        plain(one, depth + 1)
    return thing
