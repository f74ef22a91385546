"""A process that runs ONNX models of one node, each from its standard input: see ``constants``.

``python child.py SECONDS BYTES ELEMENTS``: it ends itself after SECONDS of processor time. It
imports nothing from qhw, so that it starts fast."""

import resource
import struct
import sys
from typing import IO, Any

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

__all__ = ["DONE", "FAILED", "receive", "run", "send"]

DONE, FAILED = b"done", b"failed"
COUNT, SIZE = struct.Struct("<I"), struct.Struct("<Q")


def send(stream: IO[bytes], *parts: bytes) -> None:
    """Sends byte strings to ``stream``, each with its length, for ``receive``."""
    stream.write(COUNT.pack(len(parts)))
    for part in parts:
        stream.write(SIZE.pack(len(part)))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> list[bytes]:
    """Receives the byte strings of one call of ``send``; EOFError if the other side has ended."""
    count, = COUNT.unpack(_exactly(stream, COUNT.size))
    return [_exactly(stream, SIZE.unpack(_exactly(stream, SIZE.size))[0]) for _ in range(count)]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise EOFError
    return found


def run(model: onnx.ModelProto) -> list[np.ndarray]:
    """Runs a model that has no inputs; returns its outputs."""
    evaluator: Any = ReferenceEvaluator(model)
    return [np.asarray(v) for v in evaluator.run(None, {})]


def _answer(text: bytes, most: int) -> list[bytes]:
    try:
        with np.errstate(all="ignore"):
            found = run(onnx.ModelProto.FromString(text))
        if sum(a.size for a in found) > most:
            raise ValueError(f"it makes more than {most} elements")
        return [DONE, *(numpy_helper.from_array(a).SerializeToString() for a in found)]
    except MemoryError:
        return [FAILED, b"there is not enough memory within the limits"]
    except Exception as e:      # whatever an operator finds wrong with its inputs
        return [FAILED, str(e).encode(errors="replace")[:1000]]


def main() -> None:
    """Answers requests until standard input ends."""
    seconds, size, most = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while True:
        try:
            text, = receive(sys.stdin.buffer)
        except EOFError:
            return
        send(answers, *_answer(text, most))


if __name__ == "__main__":
    main()
