"""Reads flatbuffers that may be damaged: every offset is compared with the file's size before it is
followed.

A table's fields are found by their slot in its vtable; an absent field has its default."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Damaged", "Table", "root"]

KINDS = {"byte": "<b", "ubyte": "<B", "bool": "<?", "int": "<i", "uint": "<I", "ulong": "<Q",
         "float": "<f"}
"""Layouts of scalars by their name in a schema."""
OFFSET = 4
"""Bytes of an offset, and of a vector's length."""


class Damaged(Exception):
    """The bytes of a flatbuffer contradict its format."""


def root(data: bytes) -> "Table":
    """The root table of a flatbuffer; Damaged if there is none."""
    return Table(data, _number(data, "<I", 0))


def _number(data: bytes, layout: str, at: int) -> Any:
    """A number at byte ``at``."""
    if at < 0 or at + struct.calcsize(layout) > len(data):
        raise Damaged(f"an offset leads to byte {at} of {len(data)}")
    return struct.unpack_from(layout, data, at)[0]


@dataclass(frozen=True, eq=False)
class Table:
    """A table at byte ``at``; Damaged if one of its parts lies outside of the file."""

    data: bytes
    at: int

    @property
    def _vtable(self) -> tuple[int, int]:
        """Where the table's vtable begins, and how many slots it has."""
        begin = self.at - _number(self.data, "<i", self.at)
        return begin, (_number(self.data, "<H", begin) - 4) // 2

    @property
    def slots(self) -> list[int]:
        """Lists the slots of the fields that are present."""
        begin, count = self._vtable
        return [k for k in range(count) if _number(self.data, "<H", begin + 4 + 2 * k)]

    def _field(self, slot: int) -> int | None:
        """The byte of a field, or None if it is not there."""
        begin, count = self._vtable
        offset = _number(self.data, "<H", begin + 4 + 2 * slot) if slot < count else 0
        return self.at + offset if offset else None

    def _target(self, slot: int) -> int | None:
        """The byte that an offset leads to."""
        at = self._field(slot)
        return None if at is None else at + _number(self.data, "<I", at)

    def scalar(self, slot: int, kind: str, default: float = 0) -> Any:
        """Returns the number in field ``slot``; ``default`` if the field is absent.

        ``kind`` is a key of ``KINDS``, such as "int"."""
        at = self._field(slot)
        return default if at is None else _number(self.data, KINDS[kind], at)

    def table(self, slot: int) -> "Table | None":
        """Returns the table in field ``slot``; None if the field is absent."""
        at = self._target(slot)
        return None if at is None else Table(self.data, at)

    def vector(self, slot: int, dtype: str) -> np.ndarray:
        """Returns the numbers in field ``slot``, (n,), without a copy; empty if the field is
        absent.

        Damaged if they lie outside of the file."""
        at = self._target(slot)
        if at is None:
            return np.zeros(0, dtype)
        count, size = _number(self.data, "<I", at), np.dtype(dtype).itemsize
        if at + OFFSET + count * size > len(self.data):
            raise Damaged(f"a vector at byte {at} has {count} elements, more than the file")
        return np.frombuffer(self.data, np.dtype(dtype).newbyteorder("<"), count, at + OFFSET)

    def text(self, slot: int, most: int) -> str:
        """Returns the text in field ``slot``; "" if the field is absent, and invalid characters
        replaced.

        Damaged if it exceeds ``most`` bytes."""
        found = self.vector(slot, "u1")
        if len(found) > most:
            raise Damaged(f"a name has {len(found)} characters, more than {most}")
        return found.tobytes().decode(errors="replace")

    def tables(self, slot: int, most: int) -> "list[Table]":
        """Returns the tables in field ``slot``; empty if the field is absent. Damaged if there are
        more than ``most``."""
        offsets, begin = self.vector(slot, "u4"), self._target(slot)
        if len(offsets) > most:
            raise Damaged(f"a list has {len(offsets)} members, more than {most}")
        return [Table(self.data, (begin or 0) + OFFSET * (k + 1) + n)
                for k, n in enumerate(offsets.tolist())]
