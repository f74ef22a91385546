"""Each kind of file: where whole ones come from, how they are damaged, and what reads them."""

import gzip
import io
import json
import random
import tomllib
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tomli_w

from qhw.asic.liberty import read_library
from qhw.errors import QhwError
from qhw.fold.files import read_folds
from qhw.graph import Graph
from qhw.link.host import HostLink, Run
from qhw.link.line import frame, unframe
from qhw.link.link import About, Beats
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx
from qhw.loaders.samples import read_input
from qhw.lower import lower
from qhw.simulators.golden import evaluate
from qhw.tools.store import Store

from ..descriptions.generate import draw
from ..oracles.generate import made
from .damage import NUMBERS, WORDS, bytes_damaged, tree_damaged
from .onnx_files import model_damaged

__all__ = ["KINDS", "Kind"]

SEEDS = 40
MOST = 1 << 16
"""Elements of an input on which a network is evaluated too."""


class Kind(ABC):
    """Files of one kind in a folder of its own."""

    name: ClassVar[str]
    file: ClassVar[str]

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def whole(self, seed: int) -> bytes:
        """A file that is right."""

    @abstractmethod
    def damaged(self, data: bytes, rng: random.Random) -> bytes:
        """The file with something in its structure that is not right."""

    @abstractmethod
    def read(self, path: Path) -> None:
        """Reads it; QhwError if it cannot be read."""

    def write(self, rng: random.Random) -> Path:
        """A damaged file."""
        data, other = (self.seed(rng.randrange(SEEDS)) for _ in range(2))
        path = self.folder / self.file
        path.write_bytes(self.changed(data, other, rng))
        return path

    def changed(self, data: bytes, other: bytes, rng: random.Random) -> bytes:
        """The file with damage to its bytes, or to its structure where that can be written."""
        if rng.random() < .6:
            with suppress(IndexError, OverflowError, RecursionError, TypeError, ValueError):
                return self.damaged(data, rng)
        return bytes_damaged(data, other, rng)

    @cached_property
    def seed(self) -> Any:
        """Whole files, each made once."""
        return cache(self.whole)


def through(graph: Graph) -> None:
    """Lowers a network, and evaluates it on a sample."""
    lowered = lower(graph)
    first = lowered.nodes[0].op
    shape = getattr(first, "given", ()) or getattr(first, "shape", ())
    if np.prod([float(n) for n in shape]) < MOST:
        evaluate(lowered, np.zeros((1, *shape)))


class Onnx(Kind):
    name, file = "onnx", "net.onnx"

    def whole(self, seed):
        """The first of some models that can be read, so that damage is what is wrong."""
        path = self.folder / self.file
        for k in range(seed, MOST, SEEDS):
            path.write_bytes(made(k).model.SerializeToString())
            with suppress(QhwError):
                through(load(path))
                break
        return path.read_bytes()

    def damaged(self, data, rng):
        return model_damaged(data, rng)

    def read(self, path):
        format = "u8" if path.stat().st_size % 2 else None
        try:
            graph = load(path, format)
        except QhwError as e:
            if "node " in str(e) and not any(f.reason for f in inspect_onnx(path, format)):
                raise AssertionError(f"inspect finds nothing wrong: {e}") from None
            raise
        through(graph)


class Toml(Kind):
    name, file = "toml", "model.toml"

    def whole(self, seed):
        """The first of some descriptions that can be read, so that damage is what is wrong."""
        for k in range(seed, MOST, SEEDS):
            self.drawn[seed] = draw(k)
            with suppress(QhwError):
                Toml.read(self, self.drawn[seed].write(self.folder) / "model.toml")
                break
        return tomli_w.dumps(self.drawn[seed].text).encode()

    @cached_property
    def drawn(self) -> dict[int, Any]:
        return {}

    def damaged(self, data, rng):
        text = tomllib.loads(data.decode())
        return tomli_w.dumps(tree_damaged(text, rng)).encode()

    def write(self, rng):
        k = rng.randrange(SEEDS)
        data, other = self.seed(k), self.seed(rng.randrange(SEEDS))
        (self.folder / self.file).write_bytes(self.changed(data, other, rng))
        np.savez(self.folder / "weights.npz", **self.drawn[k].arrays)
        return self.folder / self.file

    def read(self, path):
        through(load(path.parent))


class Npz(Toml):
    """Weights of a description, or samples."""

    name, file = "npz", "weights.npz"

    def write(self, rng):
        k, self.samples = rng.randrange(SEEDS), rng.random() < .3
        text = self.seed(k)
        (self.folder / "model.toml").write_bytes(text)
        self.now = k
        data, other = (self.packed(n) for n in (k, rng.randrange(SEEDS)))
        path = self.folder / self.file
        path.write_bytes(self.changed(data, other, rng))
        return path

    def damaged(self, data, rng):
        return self.archive(self.now, rng)

    def packed(self, k: int) -> bytes:
        self.seed(k)
        stream = io.BytesIO()
        np.savez(stream, **self.arrays(k))
        return stream.getvalue()

    def arrays(self, k: int) -> dict[str, np.ndarray]:
        return {"x": self.drawn[k].x} if self.samples else self.drawn[k].arrays

    def archive(self, k: int, rng: random.Random) -> bytes:
        """An archive whose checksums are right, of arrays that are not."""
        self.seed(k)
        stream = io.BytesIO()
        arrays = self.arrays(k)
        wrong = rng.choice(list(arrays))
        with zipfile.ZipFile(stream, "w", rng.choice((0, 8, 12, 14))) as archive:
            for name, array in arrays.items():
                if name != wrong:
                    archive.writestr(f"{name}.npy", self.npy(array))
                elif rng.random() < .9:
                    name = rng.choice((name, name, name, *WORDS)) or "a"
                    archive.writestr(f"{name}.npy", self.member(array, rng))
                if rng.random() < .02:
                    archive.writestr(name, rng.choice((b"", b"text", self.npy(array))))
        return stream.getvalue()

    def npy(self, array: np.ndarray) -> bytes:
        stream = io.BytesIO()
        np.save(stream, array)
        return stream.getvalue()

    def member(self, array: np.ndarray, rng: random.Random) -> bytes:
        """An array of another type, shape or content, or with a damaged header."""
        array = array.copy()
        match rng.randrange(6):
            case 0:
                with np.errstate(all="ignore"):
                    array = array.astype(rng.choice((
                        "f2", "f4", "f8", "i1", "u8", "c16", "?", "U3", "O", "S2", "V4")))
            case 1:
                array = array.ravel()[:rng.randrange(array.size + 1)]
            case 2 if array.size:
                value = rng.choice(NUMBERS)
                if array.dtype.kind == "f" or isinstance(value, int) and abs(value) < 128:
                    array.flat[rng.randrange(array.size)] = value if array.dtype.kind != "u" else (
                        abs(value))
            case 3:
                array = np.full(array.shape, rng.choice((1e300, -1e300, 5e-324, 1 << 62, 2.5)))
            case _:
                data = self.npy(array)
                head = bytes_damaged(data[:128], data, rng)
                for old in (b"<f8", b"(", b"False", b"1"):
                    if rng.random() < .3:
                        head = head.replace(old, rng.choice((b"|O", b"9" * 30, b"True", b"((((",
                                                             b"-1", b"<f4")), 1)
                return head + data[128:]
        return self.npy(array)

    def read(self, path):
        if self.samples:
            read_input(path)
        else:
            through(load(path.parent))


class Folds(Kind):
    name, file = "fold", "fold.json"

    def whole(self, seed):
        rng = random.Random(seed)
        known = {"fc1": {"pe": 8, "simd": 4}, "fc2": {"spatial": True}, "act1": {"lanes": 2},
                 "fc3": {"spatial": True, "levels": 2}, "*": {"pe": 1, "simd": 1}}
        return json.dumps(dict(rng.sample(sorted(known.items()), rng.randrange(1, 6)))).encode()

    def damaged(self, data, rng):
        return json.dumps(tree_damaged(json.loads(data), rng)).encode()

    @cached_property
    def graph(self) -> Graph:
        return load("digits-ternary")

    def read(self, path):
        folds = read_folds(path)
        if path.stat().st_size % 8 == 0:    # lowering takes far longer than reading
            lower(self.graph, folds)


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


KINDS: dict[str, type[Kind]] = {k.name: k for k in (Onnx, Toml, Npz, Folds, Liberty, Rows, Link)}
