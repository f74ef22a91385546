"""Terminal output: tables, bars and spinners; a pipe gets plain text."""

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ..names import visible

if TYPE_CHECKING:
    from ..asic.liberty import Library
    from ..asic.tinytapeout import Tapeout
    from ..board.bitstream import OnBoard
    from ..board.project import Project
    from ..estimator.errors import ErrorReport
    from ..report.record import LayerRecord, Record
    from ..simulators.selfcheck import Check

__all__ = ["cost_table", "out", "print_check", "print_costs", "print_errors", "print_library",
           "print_placed", "print_tiles", "progress", "spinner"]

PIPE_WIDTH = 120


class Terminal(Console):
    """Prints names and paths as they are: no markup, and nothing that moves the cursor."""

    def __init__(self, **more: Any):
        super().__init__(highlight=False, markup=False, emoji=False, **more)

    def render_str(self, text: str, **more: Any) -> Text:
        """Renders text with control characters escaped."""
        return super().render_str(visible(text), **more)


out = Terminal(width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Terminal(stderr=True)
KINDS = {"luts": "LUTs", "ffs": "FFs", "brams": "BRAMs", "dsps": "DSPs"}
GATES = {"luts": "gates", "ffs": "flip-flops", "transistors": "transistors"}


def cost_table(known: "Record") -> Table:
    """Makes the table of cost by layer: predicted, and measured if the layer was synthesized."""
    where = f" on {known.target}" if known.target else ""
    what = "predicted / measured" if known.measured else "predicted"
    table = Table(box=None, title=f"{known.name}{where}" + f", {what}" * bool(known.estimate),
                  title_justify="left", title_style="bold")
    table.add_column("layer", no_wrap=True)
    table.add_column("what, PE x SIMD", no_wrap=True)
    kinds = _kinds(known)
    for word in ("cycles", *(kinds.values() if known.estimate else ())):
        table.add_column(word, justify="right", no_wrap=True)
    for layer in known.layers:
        table.add_row(layer.name, _what(layer), str(layer.cycles), *_figures(layer, kinds))
    if known.estimate:
        table.add_section()
        table.add_row("total", "", str(known.cycles_per_inference), *_figures(known, kinds))
    return table


def print_costs(known: "Record") -> None:
    """Prints the table of costs, then one line each for the rates, the share of the chip and the
    errors."""
    from ..targets.cost import SITES
    out.print(cost_table(known))
    out.print(f"{known.cycles_per_inference} cycles per inference, "
              f"{known.latency_cycles} cycles latency")
    if (clock := known.fmax_mhz) and (rates := known.inferences_per_second):
        out.print(f"about {clock.measured or clock.estimate:.3g} MHz by logic depth, "
                  f"{rates.measured or rates.estimate:,.0f} inferences a second")
    if used := known.utilization:
        out.print("Share of the chip: " + ", ".join(
            f"{share:.0%} of its {SITES[kind]}" for kind, share in used.items()))
    if known.uncertainty and not known.measured:
        out.print(f"{_kinds(known)['luts']} +-{known.uncertainty['luts']:.0%} (one standard "
                  f"deviation), energy {known.energy_nj:.3g} nJ per inference in 45 nm CMOS, "
                  f"{known.storage_bits:,} bits of weights")
    for missing in known.shortfalls or ():
        out.print(f"It does not fit: {missing}")


def print_check(known: "Check | None") -> None:
    """Prints the checks of a build."""
    if known is None:
        out.print("Not checked: the Verilog was not simulated (--no-check)")
        return
    out.print(f"Checked in {known.seconds:.1f} s: the compiled Verilog equals the golden on "
              f"{known.samples} samples at {known.layers} layers, with and without pauses",
              soft_wrap=True)
    if (asked := known.reference) and asked.samples:
        ties = f", {asked.ties} within float32's error of a step" if asked.ties else ""
        out.print(f"{asked.engine} gives the same outputs on {asked.equal} of "
                  f"{asked.samples} samples{ties}", soft_wrap=True)
    elif asked:
        out.print(f"{asked.engine} cannot compute the file: {asked.reason}", soft_wrap=True,
                  markup=False)


def print_placed(known: "OnBoard | Project | None") -> None:
    """Prints the result of place and route."""
    from ..targets.cost import SITES
    if known is None:
        return
    clock = f"{known.clock_mhz:g} MHz" + (
        f" by PLL from {known.oscillator_mhz:g}" if known.pll else ", the oscillator's")
    rate = f"{known.inferences_per_second:,.0f} inferences a second"
    if known.bitstream is None:
        out.print(f"There is no open place and route for {known.board}, so there is no "
                  f"bitstream: run Vivado on {known.project}. Estimated for {clock}: {rate}",
                  soft_wrap=True)
        return
    used = ", ".join(f"{getattr(known, kind)} of {known.of[kind]} {word}"
                     for kind, word in SITES.items() if known.of[kind])
    out.print(f"On {known.board} with its link: {used}", soft_wrap=True)
    out.print(f"Timing is met at {clock}: {rate}; place and route reach {known.fmax_mhz:g} MHz, "
              f"in {known.seconds:.0f} s")


def print_library(known: "Library | None") -> None:
    """Prints the area in a library's cells, by layer and in total."""
    if known is None:
        return
    out.print(f"area in the cells of {known.file}, in its unit", style="bold", soft_wrap=True)
    table = Table("layer", box=None)
    for word in ("area", "flip-flops", "memories"):
        table.add_column(word, justify="right", no_wrap=True)
    for name, of in (*known.layers.items(), ("total", known)):
        table.add_row(name, f"{of.area:,.0f}", *(
            f"{part / (of.area or 1):.0%}" for part in (of.sequential_area, of.memory_area)))
    out.print(table)
    out.print(f"{sum(known.cells.values()):,} cells: " + ", ".join(
        f"{count} {kind}" for kind, count in known.cells.items()), soft_wrap=True)


def print_tiles(known: "Tapeout | None") -> None:
    """Prints how a Tiny Tapeout project fits its tiles."""
    if known:
        out.print(f"{known.top_module}: {known.tiles} tiles, about {known.area_um2:,} of "
                  f"the {known.capacity_um2:,} um2 of cells that they hold; "
                  f"{known.flip_flops} flip-flops, {known.transistors} transistors with its "
                  f"link of {known.baud} baud", soft_wrap=True)


def print_errors(known: "ErrorReport") -> None:
    """Prints the errors of estimates against synthesis."""
    table = Table("target", "LUTs median", "95 %", "FFs median", "95 %", "block RAMs exact",
                  "DSPs exact", "clock median", box=None, title_justify="left",
                  title=f"Errors of estimates on {known.networks} networks that they were not "
                        f"fitted to")
    for name, of in known.targets.items():
        shares = [f"{share:.1%}" for kind in (of.luts, of.ffs) for share in (kind.median, kind.p95)]
        table.add_row(name, *shares, str(of.brams.exact), str(of.dsps.exact), f"{of.ns.median:.1%}")
    out.print(table)


def _what(layer: "LayerRecord") -> str:
    """A layer in a few words."""
    if layer.scheme is None:
        return layer.kind
    return (f"{layer.inputs}>{layer.outputs} {layer.scheme.split(':')[0]}, "
            f"{layer.pe} x {layer.simd}")


def _kinds(known: "Record") -> dict[str, str]:
    """Returns the kinds of cost to show, with their words."""
    from ..targets import in_gates
    return GATES if in_gates(known.target) else KINDS


def _figures(of: "Record | LayerRecord", kinds: Iterable[str]) -> list[str]:
    costs = [cost for cost in (of.estimate, of.measured) if cost]
    return [" / ".join(f"{getattr(cost, kind)}" for cost in costs) for kind in kinds if costs]


@contextmanager
def progress(count: int, what: str) -> Generator[Callable[[int], None]]:
    """Shows a progress bar for ``count`` items, labelled ``what``, on a terminal; nothing in a
    pipe."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(visible(what), total=count)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def spinner(what: str) -> Generator[None]:
    """Shows a spinner with the text ``what`` while the block runs."""
    if not err.is_terminal:
        yield
        return
    with err.status(Text(visible(what))):
        yield
