"""Every pair of an activation and what reads it, in compiled RTL.

    python -m sim.proof.pairs [KINDS ...] [--vectors 1000] [--first 0]

Activations through add and through concat, before every scheme, and before everything else that
reads them (``sim.proof.small``). Each network is held against its real meaning, sums of coded
activations in exact rationals; then, many side by side in one compiled simulation, against the
golden at every layer, without stalls and with them. Prints what differs, what is refused, and
counts.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

import numpy as np

from qhw.graph import Folds, Graph
from qhw.layers import Add
from qhw.lower import lower
from qhw.simulators.golden import evaluate, golden, host
from qhw.simulators.verilator_sim import drive, program

from .small import Case, add_pairs, beside, concat_pairs, legal, readers, samples, with_schemes

__all__ = ["KINDS", "differences", "exact", "meant", "several"]

KINDS: Mapping[str, Callable[[], Iterator[Case]]] = {
    "add": add_pairs, "concat": concat_pairs, "schemes": with_schemes, "readers": readers}
CYCLES = 150
"""Between two inferences: so the networks are small, and quickly compiled."""


def meant(case: Case, x: np.ndarray) -> bool:
    """Whether the lowered network's answers are those of the real one, but for float64's rounding.
    """
    graph, lowered = case.graph, lower(case.graph, case.folds)
    made, want = graph.tensors[graph.output.name], evaluate(graph, x)[graph.output.name]
    want = made.real(want) if made.codes else want
    codes = golden(lowered, x)[lowered.hardware.output.name]
    return np.allclose(host(lowered, codes).reshape(want.shape), want, rtol=1e-9, atol=1e-9)


def exact(case: Case, x: np.ndarray) -> bool:
    """Whether the integers of an addition are worth exactly what its levels add up to, each its
    scale times what its code stands for, in rationals."""
    graph, lowered = case.graph, lower(case.graph, case.folds)
    node = next(n for n in graph.nodes if isinstance(n.op, Add))
    found, values = evaluate(graph, x), golden(lowered, x)
    want: list[Fraction] | None = None
    for name in node.inputs:
        t = graph.tensors[name]
        levels = [t.scale * (int(v) - t.zero) for v in t.integers(found[name]).ravel()]
        want = levels if want is None else [a + b for a, b in zip(want, levels, strict=True)]
    affine = next(n for n in lowered.host if n.inputs == (node.name,)).op
    lines = zip(affine.slope, affine.offset, strict=True)       # type: ignore[attr-defined]
    channels = list(lines)
    got = [channels[k % len(channels)][0] * int(v) + channels[k % len(channels)][1]
           for k, v in enumerate(values[node.name].ravel())]
    return got == want


def differences(graph: Graph, folds: Folds, x: np.ndarray, stalled: int) -> list[str]:
    """Layers of a network whose compiled RTL does not put out the golden's integers: of all samples
    at full speed, and of ``stalled`` of them where both ends pause."""
    lowered = lower(graph, folds, cycles=CYCLES)
    simulator = program(lowered, taps=True, level="-O0")
    found: list[str] = []
    for seed, some in ((None, x), (1, x[:stalled])):
        want, ran = golden(lowered, some), drive(simulator, lowered, some, stalls=seed, trace=True)
        found += [f"{name} ({'stalls' if seed else 'no stalls'})" for name, got in
                  (*ran.trace.items(), (lowered.hardware.output.name, ran.codes))
                  if not np.array_equal(got, want[name])]
    return found


def several(cases: Iterable[Case], vectors: int, stalled: int) -> list[str]:
    """What differs in networks side by side: their names and layers."""
    keys = {f"n{k}": case for k, case in enumerate(cases)}
    return [f"{keys[key].name}: {place}" if (key := place.split("_")[0]) in keys else place
            for place in differences(*beside(keys), samples(vectors), stalled)]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.proof.pairs", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    parser.add_argument("--vectors", type=int, default=1000)
    parser.add_argument("--stalled", type=int, default=150)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="networks of a kind to leave out")
    asked = parser.parse_args(words)
    failed, begin = 0, time.perf_counter()
    table: list[str] = []
    for kind in asked.kinds or KINDS:
        count = Counter[str]()
        good = list(understood(kind, count))
        for first in range(asked.first, len(good), asked.batch):
            group = good[first:first + asked.batch]
            wrong = several(group, asked.vectors, asked.stalled)
            for place in wrong:
                print(f"WRONG {place}", flush=True)
            count["differ"] += len({place.split(":")[0] for place in wrong})
            print(f"{kind}: {first + len(group)} of {len(good)}, {count['differ']} differ, "
                  f"{time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
        failed += count["not meant"] + count["differ"]
        table.append(f"{kind:8} {len(good[asked.first:]):4} of {len(good)} in RTL, "
                     f"{count['differ']} differ; "
                     f"{count['not meant']} not what is meant; {count['refused']} refused")
    print(f"{asked.vectors} vectors each, and {asked.stalled} with stalls, at every layer", *table,
          sep="\n")
    return failed > 0


def understood(kind: str, count: Counter[str]) -> Iterator[Case]:
    """The networks of a kind that lower, held against their meaning."""
    x = samples(200)
    for case in KINDS[kind]():
        if why := legal(case):
            count["refused"] += 1
            print(f"refused {case.name}: {why}")
            continue
        if case.real and not meant(case, x) or kind == "add" and not exact(case, x):
            count["not meant"] += 1
            print(f"WRONG {case.name}: not what is meant", flush=True)
        yield case


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
