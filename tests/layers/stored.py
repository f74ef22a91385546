"""Arrays beside a description, in memory, and tables that become layers."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from qhw.layers.spec import Spec


class Stored(dict):
    """Arrays by name, each of which must have one of the shapes that are asked for."""

    path = Path("model.toml")

    def real(self, name, *shapes):
        found = np.asarray(self[name], np.float64)
        assert found.shape in shapes or any(
            len(s) == found.ndim and all(a in (-1, b) for a, b in zip(s, found.shape, strict=True))
            for s in shapes), (name, found.shape, shapes)
        return found

    def positive(self, name, *shapes):
        found = self.real(name, *shapes)
        assert (found > 0).all()
        return found

    def integer(self, name, *shapes):
        return self.real(name, *shapes).astype(np.int64)


def made(kind, arrays=None, **table):
    """The layer of a table with ``type = kind`` and the name "l"."""
    spec = Spec.types[kind].model_validate({"name": "l", "type": kind, **table})
    return spec.op(Stored({f"l.{name}": a for name, a in (arrays or {}).items()}))


def counted(op, values, channel=0):
    """How many of a quantizer's cuts each value reaches."""
    return [sum(cut.holds(Fraction(v)) for cut in op.cuts(channel)) for v in values]
