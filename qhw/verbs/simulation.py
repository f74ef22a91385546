"""``simulate``: exact inference in numpy or in the hardware, compared with the golden."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from ..errors import ModelError
from ..fold.goal import Goal, Reached
from ..graph import AnyFolds, Graph
from ..layers.heads import labelled
from ..quantization.metrics import right
from ..simulators import amaranth_sim, netlist_sim, verilator_sim
from ..simulators.golden import golden, host
from ..simulators.run import Run
from ..simulators.waves import check_vcd
from ..targets import Target
from ..targets.boards import place
from ..tools.files import write_npz
from ..tools.html import table
from .networks import Model, folded

__all__ = ["ENGINES", "Engine", "Simulation", "equal", "simulate", "simulated"]

Engine = Literal["golden", "amaranth", "verilator", "netlist"]
ENGINES: tuple[Engine, ...] = ("golden", "amaranth", "verilator", "netlist")


@dataclass(frozen=True, eq=False)
class Simulation:
    """An engine's answers to N samples: real outputs ``y``, ``codes``, cycles, and samples that
    match the golden."""

    y: np.ndarray
    """(N, *shape) float64, the network's real output."""
    codes: np.ndarray
    """The hardware's output codes, (N, *shape) int64."""
    cycles: int | None
    seconds: float
    matches: int
    """Samples whose integers equal the golden's, at every layer that was traced."""
    trace: dict[str, np.ndarray]
    """(N, *shape) int64 of every hardware layer, if asked for."""
    activity: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Cycles in which each layer's output ``moved``, was ``blocked``, was ``idle``; with a trace of
    the compiled Verilog."""
    goal: Reached | None = None
    """The result of the search for folds, if there was one."""
    labelled: slice | None = field(default_factory=lambda: slice(None))
    """The elements of ``y`` that labels are about; None if several outputs leave that open."""

    def correct(self, labels: np.ndarray) -> int | None:
        """Counts the samples whose class is the label; None if the network has no classes.
        ``labels`` are (N,)."""
        if self.y.ndim != 2 or self.labelled is None:
            return None
        return int(right(self.y[:, self.labelled], labels).sum())

    def _repr_html_(self) -> str:
        return table(("samples", "equal to the golden", "cycles", "seconds"), [
            (len(self.codes), self.matches, "-" if self.cycles is None else self.cycles,
             f"{self.seconds:.2f}")])

    def write(self, path: Path) -> None:
        """Writes an .npz file with ``y``, ``codes`` and ``layer.NAME``."""
        write_npz(path, {"y": self.y, "codes": self.codes,
                         **{f"layer.{name}": values for name, values in self.trace.items()}})


def simulate(model: Model, x: np.ndarray, *, engine: Engine = "golden", trace: bool = False,
             stalls: int | None = None, waves: Path | None = None, target: str | None = None,
             board: str | None = None, goal: Goal | None = None, folds: AnyFolds | None = None,
             cycles: int | None = None,
             progress: Callable[[int], None] = lambda done: None) -> Simulation:
    """Infers exactly on samples (N, *shape): reals are the model's input, integers its codes.

    Parameters
    ----------
    model : path or name of the network, or a graph
    x : samples (N, *shape)
    engine : ``golden``, ``amaranth``, ``verilator`` or ``netlist``
    trace : whether to keep every layer's output
    stalls : seed of random stalls at both ends, a number; None for no stalls
    waves : VCD file for the waveform of every signal of the ``verilator`` engine, or None
    target : name of the chip, whose cells the netlist has
    board : name of the board
    goal : rate and limits of the folds
    folds : folds by layer
    cycles : cycles of an inference
    progress : called with the number of samples done

    Raises
    ------
    ModelError : if the samples do not fit the model, or the engine the target

    Examples
    --------
    >>> x, labels = qhw.read_input(qhw.list_models()["digits-binary"].parent / "digits/test.npz",
    ...                            limit=100)
    >>> found = qhw.simulate("digits-binary", x)
    >>> found.matches, found.codes.shape, found.correct(labels) > 85
    (100, (100, 1), True)
    """
    where = place(target, board)
    if engine == "netlist" and where.chip is None:
        raise ModelError("A netlist needs a chip: give a target or a board")
    if waves:
        if engine != "verilator":
            raise ModelError(f"A waveform is of the compiled Verilog: give the engine verilator, "
                             f"not {engine}")
        check_vcd(waves)
    graph, reached = folded(model, where, goal, folds, cycles)
    return replace(simulated(graph, x, engine, trace=trace, stalls=stalls, waves=waves,
                             progress=progress, chip=where.chip), goal=reached)


def simulated(graph: Graph, x: np.ndarray, engine: Engine, *, trace: bool,
              progress: Callable[[int], None], stalls: int | None = None,
              waves: Path | None = None, chip: Target | None = None) -> Simulation:
    """Infers with a lowered graph on samples.

    Parameters
    ----------
    graph : the lowered graph
    x : samples (N, *shape)
    engine : ``golden``, ``amaranth``, ``verilator`` or ``netlist``
    trace : whether to keep every layer's output
    progress : called with the number of samples done
    stalls : seed of random stalls at both ends, a number; None for no stalls
    waves : VCD file for the waveform of every signal of the ``verilator`` engine, or None
    chip : the target, or None
    """
    begin = time.perf_counter()
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    exact = golden(graph, x, None if trace else (first, last))
    seconds, activity = time.perf_counter() - begin, dict[str, dict[str, int]]()
    if engine == "golden":
        codes, taken = exact[last], None
        traced = {n: v for n, v in exact.items() if n != first} if trace else {}
    else:
        run = _engine(engine, chip, waves)(graph, exact[first], stalls=stalls, trace=trace,
                                    progress=progress)
        codes, taken, traced, activity = run.codes, run.cycles, run.trace, run.activity
        seconds = time.perf_counter() - begin - seconds
    same = equal(codes, exact[last])
    for name, values in traced.items():
        same &= equal(values, exact[name])
    return Simulation(host(graph, codes), codes, taken, seconds, int(same.sum()), traced,
                      activity, labelled=labelled(graph))


def _engine(name: Engine, chip: Target | None, waves: Path | None) -> Callable[..., Run]:
    """Selects the function that runs an engine."""
    if name == "amaranth":
        return amaranth_sim.simulate
    if name == "verilator":
        return partial(verilator_sim.simulate, target=chip, waves=waves)
    assert chip
    return partial(netlist_sim.simulate, target=chip)


def equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Compares outputs ``a`` and ``b`` (N, *shape) sample by sample; returns bool (N,)."""
    return (a == b).reshape(len(a), -1).all(axis=1)
