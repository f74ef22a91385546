"""Checks a build before it is written: the compiled Verilog against the golden, on generated
samples.

Every layer's output is compared, at full speed and with random stalls at both ends. If the file's
own framework is installed, the golden is compared with the framework too."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..design.cycles import predict, total
from ..errors import QhwError
from ..graph import Graph
from ..layers import Input
from ..ops.history import remembered
from ..ops.op import FOREVER
from ..targets import Target
from ..verilog.design import Design
from . import verilator_sim
from .golden import golden
from .reference import Reference, reference

__all__ = ["Check", "check", "of_codes", "samples"]

SAMPLES, STALLED = 8, 4
"""Samples at full speed, and those of them that go through pauses too; with state, as many more as
it takes until the initial one is forgotten."""
MOST_CYCLES = 1_000_000
"""Cycles that all samples may take before fewer of them are simulated."""
STALLS = 1
"""Seed of the pauses."""
IN_CELLS = "`define SYNTHESIS\n"
"""The define that selects a family's cells for networks of adders, as synthesis reads them.

Without it simulators read expressions.
"""
ADDERS = Path(__file__).parent.parent / "targets" / "cells" / "adders.v"


@dataclass(frozen=True)
class Check:
    """The record of the checks of a graph before its Verilog is written."""

    engine: str
    samples: int
    """At full speed."""
    stalled: int
    """Samples that went through random pauses too."""
    layers: int
    """That were compared with the golden."""
    reference: Reference | None
    """The comparison with the framework of the network's file; None without one."""
    seconds: float


def samples(graph: Graph, count: int = SAMPLES) -> np.ndarray:
    """Makes input codes (count, *shape) int64: random, all lowest, all highest, alternating, and
    more random ones."""
    first = graph.nodes[0]
    assert isinstance(first.op, Input)
    shape, codes = first.op.given or first.op.shape, graph.tensors[first.name].integer
    rng = np.random.default_rng(0)
    random = rng.integers(codes.lo, codes.hi, (max(count, SAMPLES) - 3, *shape), endpoint=True)
    odd = np.arange(int(np.prod(shape))).reshape(shape) % 2
    return np.stack([random[0], np.full(shape, codes.lo), np.full(shape, codes.hi),
                     np.where(odd, codes.hi, codes.lo), *random[1:]])[:count].astype(np.int64)


def check(graph: Graph, target: Target | None = None, described: Graph | None = None, *,
          inline: bool = False, progress: Callable[[int], None] = lambda done: None
          ) -> Check:
    """Checks a lowered graph's Verilog against the golden, and the golden against the file's
    framework.

    QhwError if anything differs. Returns the record of the checks.

    Parameters
    ----------
    graph : the lowered graph
    target : the chip, or None
    described : the graph as it was loaded, which knows its file
    inline : whether memory contents are in the Verilog, as ASIC flows need them
    progress : called with the number of samples done
    """
    begin = time.perf_counter()
    more = remembered(graph) % FOREVER      # no inference is enough to forget all
    count = max(1, min(SAMPLES + more, MOST_CYCLES // predict(graph).interval))
    stalled = min(STALLED + more, count)
    codes = samples(graph, count)
    exact = golden(of_codes(graph), codes)
    simulator = _compiled(graph, target, inline)
    for stalls, several in ((None, count), (STALLS, stalled)):
        expected = {name: values[:several] for name, values in exact.items()}
        run = verilator_sim.drive(simulator, graph, expected[graph.nodes[0].name], stalls=stalls,
                                  trace=True, progress=progress)
        _compare(graph, expected, {**run.trace, graph.hardware.output.name: run.codes}, stalls)
        if stalls is None:
            _compare_cycles(graph, run.cycles, total(graph, count))
    asked = reference(described, graph, codes) if described else None
    return Check("verilator", count, stalled, len(exact) - 1, asked,
                 round(time.perf_counter() - begin, 2))


def _compiled(graph: Graph, target: Target | None, inline: bool) -> Path:
    """Compiles the simulator of the Verilog for a target."""
    design = Design.of(graph, target, taps=True)
    verilog = f"{design.name}.v"
    files = {verilog: design.one_file} if inline else dict(design.files)
    if design.cells:
        files |= {verilog: IN_CELLS + files[verilog],
                  ADDERS.name: ADDERS.read_text(encoding="utf-8")}
    return verilator_sim.compiled(files | verilator_sim.harness(design), design.name)


def of_codes(graph: Graph) -> Graph:
    """Returns the graph without the host's layers before its hardware."""
    first, *others = graph.nodes
    assert isinstance(first.op, Input)
    return replace(graph, nodes=(replace(first, op=replace(first.op, steps=())), *others))


def _compare(graph: Graph, exact: dict[str, np.ndarray], found: dict[str, np.ndarray],
             stalls: int | None) -> None:
    """Refuses the first layer whose integers are not the golden's."""
    for node in graph.hardware.nodes:
        want, got = exact[node.name], found.get(node.name)
        if got is None or np.array_equal(got, want):
            continue
        wrong = int((got != want).sum()) if got.shape == want.shape else want.size
        raise QhwError(
            f"{graph.name}: layer {node.name!r}: {wrong} of {want.size} integers of "
            f"the compiled Verilog differ from the golden"
            f"{'' if stalls is None else ' where the streams pause'}; nothing was written. This "
            f"is a fault of qhw; other folds may avoid it")


def _compare_cycles(graph: Graph, found: int, predicted: int) -> None:
    if found != predicted:
        raise QhwError(f"{graph.name}: the compiled Verilog takes {found} cycles where {predicted} "
                       f"are predicted; nothing was written. This is a fault of qhw; other folds "
                       f"may avoid it")
