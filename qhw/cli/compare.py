"""``qhw compare`` and ``explore``: many schemes, folds and chips at once."""

import shlex
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .. import verbs
from ..tools.processes import Ended
from .app import app
from .goals import To, placed
from .options import (
    Calibrate,
    InputFormat,
    InputShape,
    Json,
    Method,
    Model,
    PerTensor,
    calibration,
    grouped,
    print_json,
    shape,
)
from .terminal import out, progress

if TYPE_CHECKING:
    from ..exploration.points import Options
    from ..exploration.sweep import How
    from ..report.rows import Comparison, Exploration, Row

__all__ = ["compare", "explore"]

Schemes = Annotated[str, typer.Option(
    help="all, or a list such as binary,shiftcnn:terms=2,bits=4,inq")]
Mix = Annotated[list[str] | None, typer.Option(
    help="a scheme for each layer, such as fc1=inq,fc2=binary; may be repeated")]
Input = Annotated[Path | None, typer.Option(
    help=".npz file with samples x, and labels y for the accuracy (default for a model that "
         "ships with qhw: its own)")]
Metric = Annotated[str, typer.Option(
    help="measure of the answers: top-1, top-5, auc, mse, or a function of your own such as "
         "module:function, module:function:min if smaller is better; it is given outputs and y")]
Activations = Annotated[str | None, typer.Option(
    help="formats of real activations, each with every scheme, such as u8,u4,hwgq:bits=2")]
Limit = Annotated[int | None, typer.Option(min=1, help="most samples to use")]
Synth = Annotated[bool, typer.Option("--synth", help="synthesize instead of estimating")]
Output = Annotated[Path | None, typer.Option(
    "-o", "--output", help="folder to write: tables and pictures")]
Jobs = Annotated[int | None, typer.Option(
    "-j", "--jobs", min=1, help="worker processes (default: one for each core)")]
Cluster = Annotated[str | None, typer.Option(
    help="Dask scheduler to compute on, such as tcp://10.0.0.1:8786")]


def _how(input: Input = None, activations: Activations = None, calibrate: Calibrate = None,
         method: Method = "mse", metric: Metric = "top-1", limit: Limit = None,
         synth: Synth = False, per_tensor: PerTensor = False, jobs: Jobs = None,
         cluster: Cluster = None, input_format: InputFormat = None,
         input_shape: InputShape = None) -> "How":
    """Makes the sweep's arguments from the options, and reads the samples."""
    from ..quantization.metrics import metric as named
    from ..quantization.texts import split_activations
    classes = named(metric).classes
    x, labels = verbs.read_input(input, classes=classes) if input else (None, None)
    return {"x": x, "labels": labels, "activations": split_activations(activations or ""),
            "method": method, "calibration": calibration(calibrate), "metric": metric,
            "limit": limit, "synth": synth, "per_tensor": per_tensor, "jobs": jobs,
            "cluster": cluster, "input_format": input_format,
            "input_shape": shape(input_shape), "command": shlex.join(["qhw", *sys.argv[1:]])}


swept = grouped("how", _how)
"""Adds the options of a sweep to a command, which receives them as ``how``."""


@app.command()
@placed
@swept
def compare(model: Model, to: To, how: "How", schemes: Schemes = "all", mix: Mix = None,
            output: Output = None, json: Json = False) -> None:
    """Compare schemes on one network and chip: accuracy against cost."""
    from ..exploration.compare import compare as run
    options: Options = {}
    if to["board"] is not None:
        options["board"] = to["board"]
    if to["goal"] is not None:
        options["goal"] = to["goal"]
    if to["folds"] is not None:
        options["folds"] = to["folds"]
    if to["cycles"] is not None:
        options["cycles"] = to["cycles"]
    how["bar"] = partial(progress, what="comparing")
    how["builder"] = partial(_builder, words=sys.argv[2:], several=False)
    with _going_on():
        known = run(model, to["target"], schemes, mixes=mix or [], options=options, output=output,
                    **how)
    _show(known, json, output, f"{known.name} on {known.target}")


@app.command()
@swept
def explore(model: Model,
            targets: Annotated[str, typer.Option(help="chips, such as ice40up5k,ecp5-25k")],
            how: "How", schemes: Schemes = "all", mix: Mix = None,
            cycles: Annotated[str | None, typer.Option(
                help="cycles between inferences, such as 64,256,1024")] = None,
            output: Output = None, json: Json = False) -> None:
    """Explore schemes x chips x folds; known rows are not computed again."""
    from ..exploration.explore import explore as run
    goals: list[Options] = [{"goal": verbs.Goal(cycles=n)} for n in _whole(cycles)]
    how["bar"] = partial(progress, what="exploring")
    how["builder"] = partial(_builder, words=sys.argv[2:], several=True)
    with _going_on():
        known = run(model, targets.split(","), schemes, mixes=mix or [], choices=goals,
                    output=output, **how)
    _show(known, json, output, known.name)


OWN = {"--schemes": 1, "--mix": 1, "--activations": 1, "--targets": 1, "--cycles": 1, "--input": 1,
       "--metric": 1, "--limit": 1, "--output": 1, "-o": 1, "--jobs": 1, "-j": 1, "--cluster": 1,
       "--synth": 0, "--json": 0}
"""Options of a sweep that are not options of a build, and their numbers of values."""


def _builder(row: "Row", words: Sequence[str], several: bool) -> str:
    """Makes the command that builds a row, from those of the sweep's command."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        name = word.partition("=")[0] if word[:2] == "--" else word[:2] if word[:1] == "-" else ""
        if name not in OWN or name == "--cycles" and not several:
            kept.append(word)
        elif OWN[name] and word == name:
            next(rest, None)
    own = ["--target", row.target, *(f"--{key.replace('_', '-')}={value}" for key, value
                                     in row.fold.items())] if several else []
    codes = ["--activations", row.activations] if row.activations else []
    return shlex.join(["qhw", "build", *kept, "--scheme", row.scheme, *codes, *own, "-o", "built"])


def _whole(text: str | None) -> list[int]:
    """The numbers of a list."""
    try:
        found = [int(n) for n in text.split(",")] if text else []
    except ValueError:
        found = [0]
    if min(found, default=1) < 1:
        raise typer.BadParameter(f"{text!r} should be like 64,256,1024", param_hint="--cycles")
    return found


@contextmanager
def _going_on() -> Generator[None]:
    """Reports on a signal that completed rows are in the store."""
    try:
        yield
    except Ended as e:
        raise Ended(e.number, "completed rows are kept; the same command continues from there"
                    ) from None


def _show(known: "Comparison | Exploration", json: bool, output: Path | None, title: str
          ) -> None:
    if json:
        return print_json(known)
    many = "targets" in known
    out.print(_table(known.rows, title, many))
    out.print(f"* Pareto front: accuracy against LUTs{' and cycles' * many}; {len(known.rows)} "
              f"rows, {known.computed} computed now, {known.seconds:.1f} s")
    if known.not_kept:
        out.print(f"Rows are not kept: {known.not_kept}", style="red", soft_wrap=True,
                  markup=False)
    for row in known.rows:
        if row.error:
            out.print(f"{row.called}: {row.error}", style="red", soft_wrap=True)
    best = next((row for row in known.rows if row.pareto and row.command),
                next((row for row in known.rows if row.command), None))
    if best is not None:
        out.print(f"{best.called} is built by: {best.command}", soft_wrap=True, markup=False)
        out.print("The command of each row is in its field command of --json, and in the files "
                  "of -o", soft_wrap=True)
    if output:
        out.print(f"Tables and pictures are in {output}", soft_wrap=True)


def _table(rows: "Sequence[Row]", title: str, many: bool) -> Table:
    """Makes the table of the rows with results."""
    table = Table(box=None, title=title, title_justify="left", title_style="bold")
    table.add_column("")
    for head in ("scheme", *["target"] * many):
        table.add_column(head, no_wrap=not many)
    judged = next((row for row in rows if row.value is not None), None)
    name = "weight error" if judged is None else judged.metric or "accuracy"
    energy = any(row.energy_nj is not None for row in rows)
    for head in (name, "LUTs", "FFs", "BRAMs", "DSPs", "bits a weight", "cycles",
                 *["nJ"] * energy, ""):
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        if row.error is None:
            lost = (f"{row.relative_error:.4f}" if row.value is None else
                    row.measure.said(row.value))
            table.add_row("*" * row.pareto, row.called, *[row.target] * many, lost,
                          *(f"{count}" for count in (row.luts, row.ffs, row.brams, row.dsps)),
                          f"{row.bits_per_weight:.2f}", f"{row.cycles}",
                          *[f"{row.energy_nj or 0:.3g}"] * energy,
                          "" if row.fits else "does not fit")
    return table
