"""Cell libraries, rows of the store and frames of the link as damaged files."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qhw.asic.liberty import read_library
from qhw.errors import QhwError
from qhw.link.host import HostLink, Run
from qhw.link.line import frame, unframe
from qhw.link.link import About, Beats
from qhw.tools.store import Store

from .damage import tree_damaged
from .kind import Kind

__all__ = ["Liberty", "Link", "Rows"]


class Liberty(Kind):
    name, file = "liberty", "some.lib"

    def whole(self, seed):
        rng = random.Random(seed)
        cells = "".join(f'  cell (C{k}) {{ area : {k}; /* a "cell" */ pin (Y) {{ direction : '
                        f'output; function : "(A*\\\\B)\'"; }} }}\n' for k in range(9))
        flop = '  cell (FF) { ff (IQ, IQN) { clocked_on : "C"; next_state : "D"; } }\n'
        text = f'library (some) {{\n  comment : "a \\" b";\n{cells}{flop}}}\n'.encode()
        return gzip.compress(text) if rng.random() < .4 else text

    def damaged(self, data, rng):
        packed = data[:2] == b"\x1f\x8b"
        text = gzip.decompress(data) if packed else data
        parts = text.split(b" ")
        for _ in range(rng.choice((1, 2, 5))):
            at = rng.randrange(len(parts))
            parts[at:at + rng.randrange(2)] = [rng.choice((
                b"{", b"}", b'"', b"/*", b"*/", b"\\", b"/*" * 50_000, b'"' * 50_000,
                b"\\" * 50_001, b"{" * 50_000, b" " * 50_000, b"library (", b"cell (" * 10_000,
                b"\xff", b"\0"))]
        text = b" ".join(parts)
        return gzip.compress(text, 1) if packed else text

    def read(self, path):
        read_library(path)


class Rows(Kind):
    name, file = "store", "row.json"
    KEY = "a" * 64

    def whole(self, seed):
        store = Store(self.folder / "store")
        store.put(self.KEY, {"scheme": f"s{seed}", "luts": seed, "cycles": 3.5, "error": None,
                             "layers": [{"name": "fc1", "bits": 2}], "fits": True})
        return self.path.read_bytes()

    @property
    def path(self) -> Path:
        return next(p for p in (self.folder / "store").rglob("*") if p.is_file())

    def damaged(self, data, rng):
        return json.dumps(tree_damaged(json.loads(data), rng)).encode()

    def write(self, rng):
        content = super().write(rng).read_bytes()
        self.path.write_bytes(content)
        return self.path

    def read(self, path):
        """A row is whole, as it was put, or counts as missing."""
        row = Store(self.folder / "store").get(self.KEY)
        if row is None:
            raise QhwError("missing")
        assert isinstance(row, dict)


class Link(Kind):
    """What a board says: frames, its identification and its answers."""

    name, file = "link", "line.bin"
    ABOUT = About(b"n" * 12, Beats(5, 0, 8, 8), Beats(4, 0, 1, 1), 16, 1_000_000)

    def whole(self, seed):
        return b"".join(frame(k, bytes([k])) for k in range(seed % 5)) + frame(
            1 << 31, self.ABOUT.pack()) + frame(7, b"\3")

    def damaged(self, data, rng):
        text = bytearray(self.ABOUT.pack())
        for _ in range(rng.choice((1, 2, 4))):
            at, size = rng.randrange(len(text)), rng.choice((1, 2, 4))
            text[at:at + size] = rng.choice((bytes(size), b"\xff" * size, rng.randbytes(size)))
        return data + frame(1 << 31, bytes(text[:rng.choice((32, 32, 32, 31, 40))]))

    def read(self, path):
        link = HostLink("port", 1)
        frames = [f for f in map(unframe, path.read_bytes().split(b"\0")) if f]
        about = self.ABOUT
        for tag, payload in frames:
            if tag >> 31:
                about = link._understood(payload)
        run = Run(Heard(frames), about, [b""] * 4, 0)
        for _ in range(8):
            run.step()


class Heard:
    """A line on which frames come, whatever is sent."""

    def __init__(self, frames: list[tuple[int, bytes]]):
        self.coming, self.tag = frames, -1

    def send(self, payload: bytes = b"", **_: Any) -> int:
        self.tag += 1
        return self.tag

    def frames(self) -> Iterator[tuple[int, bytes]]:
        yield from self.coming
