"""Damaged ONNX files: ``python -m sim.fuzz FILES ... [--count 10000] [--seed 0]``.

Each file given is damaged in many ways (bytes changed, removed, doubled, exchanged between files;
fields of the protocol buffer changed), and every one must either be read or be refused in one line:
no traceback, no hang, no more than 2 GB. Work is done in processes with limits of memory and time;
a file that breaks one is kept in build/fuzz.
"""

import argparse
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import onnx

from qhw.errors import QhwError
from qhw.load import load
from qhw.lower import lower

KEPT = Path("build/fuzz")
MEMORY, SECONDS, BATCH = 2 << 30, 20, 250


def damaged(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One of several kinds of damage."""
    found = bytearray(data)
    match rng.randrange(6):
        case 0:
            return bytes(found[:rng.randrange(len(found))])
        case 1:
            for _ in range(rng.choice((1, 1, 2, 8, 40))):
                found[rng.randrange(len(found))] = rng.randrange(256)
        case 2:
            at, size = rng.randrange(len(found)), rng.randrange(1, 200)
            del found[at:at + size]
        case 3:
            at, size = rng.randrange(len(found)), rng.randrange(1, 200)
            found[at:at] = found[at:at + size]
        case 4:
            at, size = rng.randrange(len(other)), rng.randrange(1, 400)
            found[rng.randrange(len(found)):][:size] = other[at:at + size]
            found[at % len(found):at % len(found) + size] = other[at:at + size]
        case _:
            return changed(data, rng)
    return bytes(found)


def changed(data: bytes, rng: random.Random) -> bytes:
    """A model that is well formed as a message, with something in it that is not right."""
    model = onnx.load_from_string(data)
    graph = model.graph
    node = rng.choice(graph.node)
    match rng.randrange(7):
        case 0:
            graph.node.remove(node)
        case 1:
            node.op_type = rng.choice([n.op_type for n in graph.node] + ["Odd", ""])
        case 2 if node.input:
            node.input[rng.randrange(len(node.input))] = rng.choice(
                [i for n in graph.node for i in (*n.input, *n.output)] + ["", "nothing"])
        case 3 if node.attribute:
            attribute = rng.choice(node.attribute)
            attribute.i, attribute.f = rng.choice((-1, 0, 1, 1 << 40)), float("nan")
            if attribute.ints:
                attribute.ints[0] = rng.choice((-1, 0, 7, 1 << 33))
        case 4 if graph.initializer:
            tensor = rng.choice(graph.initializer)
            tensor.dims[:] = [rng.choice((0, 1, 2, 7, -1, 1 << 20)) for _ in range(
                rng.randrange(4))]
        case 5 if graph.initializer:
            tensor = rng.choice(graph.initializer)
            tensor.raw_data = bytes(rng.randrange(256) for _ in range(len(tensor.raw_data)))
        case _:
            for value in graph.input:
                for d in value.type.tensor_type.shape.dim:
                    d.dim_value = rng.choice((0, 1, 3, 28, 1 << 16, -5))
    return model.SerializeToString()


class TooLong(Exception):
    pass


def batch(files: list[Path], seed: int, first: int, count: int) -> None:
    """Reads so many damaged files; prints a line for each that fails as it should not."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + (1 << 30), MEMORY + (1 << 30)))

    def late(*_):
        raise TooLong(f"more than {SECONDS} s")

    signal.signal(signal.SIGALRM, late)
    sources = [f.read_bytes() for f in files]
    KEPT.mkdir(parents=True, exist_ok=True)
    read = refused = 0
    for k in range(first, first + count):
        rng = random.Random(f"{seed} {k}")
        path = KEPT / f"{seed}-{k}.onnx"
        path.write_bytes(damaged(rng.choice(sources), rng.choice(sources), rng))
        signal.alarm(SECONDS)
        try:
            lower(load(path, rng.choice((None, "u8"))))
            read += 1
        except QhwError as e:
            refused += 1
            if "\n" in str(e):
                print(f"BROKEN {path}: several lines: {str(e)!r:.200}", flush=True)
                continue
        except Exception as e:
            print(f"BROKEN {path}: {type(e).__name__}: {str(e)!r:.200}", flush=True)
            continue
        finally:
            signal.alarm(0)
        path.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"DONE {read} {refused} {peak}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.first is not None:
        batch(given.files, given.seed, given.first, given.count)
        return 0
    read = refused = broken = peak = 0
    for first in range(0, given.count, BATCH):
        run = subprocess.run(
            [sys.executable, "-m", "sim.fuzz", *map(str, given.files), "--seed", str(given.seed),
             "--first", str(first), "--count", str(min(BATCH, given.count - first))],
            capture_output=True, text=True, timeout=SECONDS * BATCH)
        lines = run.stdout.splitlines()
        for line in lines:
            if line.startswith("BROKEN"):
                broken += 1
                print(line, flush=True)
        if not lines or not lines[-1].startswith("DONE"):
            broken += 1
            print(f"BROKEN between {first} and {first + BATCH}: exit {run.returncode}: "
                  f"{run.stderr[-300:]}", flush=True)
            continue
        a, b, c = map(int, lines[-1].split()[1:])
        read, refused, peak = read + a, refused + b, max(peak, c)
        print(f"{first + BATCH}: {read} read, {refused} refused, {broken} broken, {peak} MB",
              flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
