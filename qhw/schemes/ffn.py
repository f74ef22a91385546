"""Fixed-point factorized networks: two ternary matrices with a scale between them.

Wang and Cheng, "Fixed-point Factorized Networks", 2016 (arXiv 1611.01972), section 3: the
semi-discrete decomposition W = X diag(d) Y (Kolda and O'Leary, 1998). Because d stands between two
sums it cannot fold into a threshold. The hardware multiplies by d, exactly, as integers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..pe import Element, ShiftAdd
from .scheme import Codes, Scheme, Stage, to_integers
from .ternary import TRIT, Ternary

__all__ = ["Ffn", "decomposed"]

ROUNDS = 30


@dataclass(frozen=True)
class Ffn(Scheme):
    """Codes are trits (rank, outputs + inputs); row k holds column k of X and row k of Y.

    The table holds the number of outputs, then d as integers of ``entry_bits`` bits.
    ``weight_bits`` sets the rank: bits in memory for each weight of W, at 2 bits a trit.
    """

    name = "ffn"
    family = "shift and add, multiply"
    citation = "Wang, Cheng, Fixed-point Factorized Networks, 2016, arXiv 1611.01972"

    weight_bits: float = 4.0
    entry_bits: int = 8

    def __post_init__(self):
        if not 0 < self.weight_bits <= 16:
            raise ValueError(f"There must be 0 to 16 bits a weight, not {self.weight_bits!r}")

    def rank(self, outputs: int, inputs: int) -> int:
        """Computes the rank from ``weight_bits`` for a layer of ``outputs`` by ``inputs``, at least
        1."""
        return max(round(self.weight_bits * outputs * inputs / (2 * (outputs + inputs))), 1)

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Decomposes the weights and rounds d to integers."""
        x, d, y = decomposed(w, self.rank(*w.shape))
        trits = np.concatenate([x.T, y], axis=1)
        codes = TRIT.encode(np.zeros(trits.shape), trits < 0, trits != 0)
        table, scale = to_integers(d[None], self.entry_bits)
        return Codes(codes.astype(np.uint8), np.full(len(w), scale[0]) if per_channel else scale[0],
                     np.concatenate([[len(w)], table[0]]))

    def rows(self, outputs: int) -> int:
        """Returns -1: the number of rows, the rank, is free."""
        return -1

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shape of the table: rank + 1 integers."""
        return [(len(codes) + 1,)]

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects one ternary term, for both factors."""
        return ShiftAdd((TRIT,))

    def stages(self, codes: np.ndarray, table: np.ndarray | None = None) -> list[Stage]:
        """Returns two products: by Y with gains d, then by X."""
        assert table is not None
        outputs = int(table[0])
        return [Stage(Ternary(), codes[:, outputs:], gains=table[1:]),
                Stage(Ternary(), codes[:, :outputs].T)]

    def decode(self, codes: np.ndarray, table: np.ndarray | None = None) -> np.ndarray:
        """Computes X diag(d) Y, int64 (outputs, inputs)."""
        assert table is not None
        first, last = (s.scheme.decode(s.codes) for s in self.stages(codes, table))
        return (last * table[1:]) @ first

    def storage(self, codes: np.ndarray, table: np.ndarray | None = None) -> int:
        """Computes the bits of the trits and of d."""
        assert table is not None
        return super().storage(codes, table[1:])


def decomposed(w: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decomposes ``w`` (outputs, inputs) into ``rank`` ternary outer products.

    Returns ternary X (outputs, rank), d (rank,) of at least 0, and ternary Y (rank, inputs).
    """
    rest = w.astype(np.float64)
    xs, ds, ys = list[np.ndarray](), list[Any](), list[np.ndarray]()
    for _ in range(rank):
        y = _best(rest[np.abs(rest).sum(1).argmax()])
        x = np.zeros(len(rest), np.int64)
        for _ in range(ROUNDS):
            x = _best(rest @ y)
            before, y = y, _best(rest.T @ x)
            if np.array_equal(before, y):
                break
        d = x @ rest @ y / max((x @ x) * (y @ y), 1)
        rest = rest - d * np.outer(x, y)
        xs.append(x)
        ds.append(d)
        ys.append(y)
    return np.stack(xs, 1), np.array(ds), np.stack(ys)


def _best(s: np.ndarray) -> np.ndarray:
    """Finds the trits x (n,) that maximize (s x)^2 / |x|^2 for real ``s`` (n,)."""
    order = np.argsort(-np.abs(s), kind="stable")
    sums = np.cumsum(np.abs(s[order]))
    count = int((sums**2 / np.arange(1, len(s) + 1)).argmax()) + 1
    x = np.zeros(len(s), np.int64)
    x[order[:count]] = np.sign(s[order[:count]])
    return x
