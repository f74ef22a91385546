"""The command line: ``qhw --help``."""

import json
import os
import shlex
import sys
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from . import __version__
from .errors import QhwError
from .flow import verbs
from .flow.targets import targets as all_targets
from .ir import Graph
from .load import load
from .load.onnx_graph import inspect_onnx
from .schemes import Scheme
from .schemes import schemes as all_schemes
from .terminal import out, print_costs, progress, spinner

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Quantized neural networks to exact, measured hardware, with open tools "
                       "only.")
INTERRUPTED = 130



class Engine(StrEnum):
    """What computes: numpy, Amaranth's simulator, or the Verilog compiled."""

    golden = "golden"
    amaranth = "amaranth"
    verilator = "verilator"


Model = Annotated[str, typer.Argument(help="model folder, or the name of a model that ships "
                                           "with qhw")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")]
Target = Annotated[str, typer.Option(help="chip to synthesize for; see `qhw targets`")]
Fold = Annotated[Path | None, typer.Option(
    help='JSON file with folds, such as {"fc1": {"pe": 8, "simd": 4}}')]


def main() -> None:
    """``qhw``: 0 if all is well, 1 with one line on standard error if not, 2 for wrong usage."""
    try:
        app()
    except QhwError as e:
        print(f"qhw: {' '.join(str(e).split())}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as e:
        if e.code != INTERRUPTED:   # which is what Typer makes of Ctrl-C
            raise
        print("qhw: interrupted; nothing was written", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)   # simulators that are cut short complain when they are collected
    except BrokenPipeError:
        sys.exit(1)


def _print_json(known: Any) -> None:
    print(json.dumps(known))


def _folds(path: Path | None) -> dict[str, tuple[int, int]] | None:
    return verbs.read_folds(path) if path else None


Cycles = Annotated[int | None, typer.Option(
    min=1, help="an inference every so many cycles, with as little hardware as that takes")]
InputFormat = Annotated[str | None, typer.Option(
    help="of an ONNX network's input that has no quantizer: u8, s16:scale=1/1024, 0..16")]
InputShape = Annotated[str | None, typer.Option(
    help="another shape of an ONNX network's input, such as 3,32,32")]


def _model(model: str, input_format: str | None, input_shape: str | None) -> str | Graph:
    """The network, loaded if there is more to be said of it than its name."""
    if input_format is None and input_shape is None:
        return model
    return load(model, input_format, _shape(input_shape))


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(n) for n in text.split(","))
    except ValueError:
        raise QhwError(f"Input shape {text!r}: it should be like 3,32,32") from None


@app.command()
def build(model: Model,
          output: Annotated[Path, typer.Option("-o", "--output", help="folder to write")],
          target: Annotated[str | None, typer.Option(
              help="chip the memories are placed for; see `qhw targets`")] = None,
          synth: Annotated[bool, typer.Option(
              "--synth", help="synthesize too, for the report")] = False,
          fold: Fold = None, cycles: Cycles = None, input_format: InputFormat = None,
          input_shape: InputShape = None, json: Json = False) -> None:
    """Write Verilog, weights, metadata and a report."""
    with spinner(f"building {model}"):
        known = verbs.build(_model(model, input_format, input_shape), output, target=target,
                            folds=_folds(fold), cycles=cycles, measure=synth,
                            command=shlex.join(["qhw", *sys.argv[1:]]))
    if json:
        return _print_json(known)
    print_costs(known)
    out.print(f"Verilog and report are in {output}", soft_wrap=True)


@app.command()
def simulate(model: Model,
             input: Annotated[Path, typer.Option(help=".npz file with samples x")],
             output: Annotated[Path | None, typer.Option(
                 help=".npz file for y (real) and codes (integers)")] = None,
             engine: Annotated[Engine, typer.Option()] = Engine.golden,
             limit: Annotated[int | None, typer.Option(min=1, help="only so many samples")] = None,
             trace_layers: Annotated[bool, typer.Option(
                 "--trace-layers", help="compare and write every layer's integers")] = False,
             stalls: Annotated[int | None, typer.Option(
                 min=0, help="pause both ends at random, by this seed")] = None,
             fold: Fold = None, cycles: Cycles = None, input_format: InputFormat = None,
             input_shape: InputShape = None, json: Json = False) -> None:
    """Infer exactly, in numpy or in the hardware, and compare with the golden."""
    x, labels = verbs.read_input(input, limit)
    with progress(len(x), f"{engine.value}") as done:
        found = verbs.simulate(_model(model, input_format, input_shape), x, engine=engine.value,
                               trace=trace_layers, stalls=stalls, folds=_folds(fold), cycles=cycles,
                               progress=done)
    known: dict[str, Any] = {"samples": len(x), "cycles": found.cycles, "seconds": found.seconds,
             "matches_golden": found.matches == len(x), "matches": found.matches}
    if labels is not None and (classes := _classes(found)) is not None:
        known["correct"] = int((classes == labels).sum())
    if found.matches != len(x):
        raise QhwError(f"{model}: {engine.value} differs from the golden on "
                       f"{len(x) - found.matches} of {len(x)} samples")
    if output:
        found.write(output)
    if json:
        return _print_json(known)
    out.print(f"{known['matches']} of {len(x)} samples equal the golden"
              + (" at every layer" if trace_layers else ""))
    if "correct" in known:
        out.print(f"{known['correct']} of {len(x)} are classified right "
                  f"({known['correct'] / len(x):.2%})")
    if found.cycles:
        out.print(f"{found.cycles} cycles, {found.cycles / len(x):.1f} per inference")
    out.print(f"{found.seconds:.2f} s")


def _classes(found: verbs.Simulation) -> Any:
    """The answers of a network that tells classes or their scores."""
    if found.codes.shape[1:] == (1,):
        return found.codes[:, 0]
    return found.y.argmax(axis=1) if found.y.ndim == 2 else None


@app.command()
def estimate(model: Model, target: Target, fold: Fold = None, cycles: Cycles = None,
             input_format: InputFormat = None,
             input_shape: InputShape = None, json: Json = False) -> None:
    """Predict the cost on a chip, without synthesis."""
    known = verbs.estimate(_model(model, input_format, input_shape), target, folds=_folds(fold),
                           cycles=cycles)
    if json:
        return _print_json(known)
    print_costs(known)


@app.command()
def synth(model: Model, target: Target, fold: Fold = None, cycles: Cycles = None,
          input_format: InputFormat = None,
          input_shape: InputShape = None, json: Json = False) -> None:
    """Measure the cost on a chip with Yosys, beside the prediction."""
    with spinner(f"synthesizing for {target}"):
        known = verbs.synth(_model(model, input_format, input_shape), target,
                            folds=_folds(fold), cycles=cycles)
    if json:
        return _print_json(known)
    print_costs(known)
    out.print(f"measured with {known['settings']['tools']['yosys']}")


@app.command()
def quantize(model: Model,
             scheme: Annotated[str, typer.Option(
                 help="scheme with its parameters, such as shiftcnn:terms=2,bits=4")],
             output: Annotated[Path, typer.Option("-o", "--output", help="folder to write")],
             layer: Annotated[list[str] | None, typer.Option(
                 help="another scheme for a layer, such as fc1=binary; may be repeated")] = None,
             input: Annotated[Path | None, typer.Option(
                 help=".npz file with samples x, and labels y for the accuracy")] = None,
             per_tensor: Annotated[bool, typer.Option(
                 "--per-tensor", help="one scale for all weights of a layer")] = False,
             limit: Annotated[int | None, typer.Option(min=1, help="only so many samples")] = None,
             json: Json = False) -> None:
    """Give a float network's weights a scheme, and measure what is lost."""
    others: dict[str, str] = {}
    for text in layer or []:
        name, equals, chosen = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} should be like fc1=binary", param_hint="--layer")
        others[name] = chosen
    x, labels = verbs.read_input(input, limit) if input else (None, None)
    with spinner(f"quantizing {model}"):
        known = verbs.quantize(model, scheme, output, layers=others, x=x, labels=labels,
                               per_tensor=per_tensor)
    if json:
        return _print_json(known)
    table = Table("layer", "scheme", "weights", "bits a weight", "relative error", box=None)
    for row in known["layers"]:
        table.add_row(row["name"], row["scheme"], str(row["weights"]),
                      f"{row['bits_per_weight']:.2f}", f"{row['relative_mse']:.4f}")
    out.print(table)
    out.print(f"{known['bits_per_weight']:.2f} bits a weight, mean squared error "
              f"{known['mse']:.3g}")
    if "accuracy" in known:
        out.print(f"{known['float_correct']} of {known['samples']} right in floats, "
                  f"{known['correct']} quantized ({known['accuracy']:.2%})")
    out.print(f"The description is in {output}", soft_wrap=True)


@app.command()
def inspect(model: Annotated[Path, typer.Argument(help="ONNX file")],
            input_format: InputFormat = None, input_shape: InputShape = None,
            json: Json = False) -> None:
    """Show an ONNX graph as it is read: what becomes of each node, and what is not supported."""
    findings = inspect_onnx(model, input_format, _shape(input_shape))
    wrong = [f for f in findings if f.reason]
    if json:
        _print_json([{"node": f.node.name, "op": f.node.op, "domain": f.node.domain,
                      "became": f.became, "shape": list(f.shape), "format": f.format,
                      "reason": f.reason, "help": f.help} for f in findings])
    else:
        table = Table("node", "operator", "becomes", "shape", "format", box=None)
        for f in findings:
            note = f"[red]{f.reason}[/red]" + (f"; {f.help}" if f.help else "")
            table.add_row(f.node.name, f.node.op, f.became or (note if f.reason else f.help),
                          "x".join(map(str, f.shape)), f.format)
        out.print(table)
    if wrong:
        raise QhwError(f"{model}: {len(wrong)} of {len(findings)} nodes are not supported")


@app.command()
def schemes(json: Json = False) -> None:
    """List the weight formats."""
    rows: list[dict[str, Any]] = [
            {"name": name, "family": scheme.family, "bits": scheme().code_bits / scheme().group,
             "parameters": _parameters(scheme), "multiplier_free": scheme().multiplier_free,
             "citation": scheme.citation, "about": _about(scheme)}
            for name, scheme in all_schemes.items()]
    if json:
        return _print_json(rows)
    table = Table("scheme", "gates", "bits", "multiplier-free", "parameters", "source", box=None)
    for row in rows:
        parameters = row["parameters"].items()
        table.add_row(row["name"], row["family"], f"{row['bits']:g}",
                      "yes" if row["multiplier_free"] else "no",
                      ", ".join(f"{k}={v}" for k, v in parameters), row["citation"])
    out.print(table)


def _parameters(scheme: type[Scheme]) -> dict[str, Any]:
    return {f.name: f.default for f in fields(scheme)}  # type: ignore


def _about(scheme: type[Scheme]) -> str:
    """The first line of the scheme's file."""
    return (sys.modules[scheme.__module__].__doc__ or "").splitlines()[0]


@app.command()
def targets(json: Json = False) -> None:
    """List the chips."""
    rows: list[dict[str, Any]] = [
            {"name": t.name, "luts": t.luts, "brams": t.brams, "dsps": t.dsps, "about": t.about}
            for t in all_targets()]
    if json:
        return _print_json(rows)
    table = Table("target", "LUTs", "BRAMs", "DSPs", "about", box=None)
    for row in rows:
        table.add_row(row["name"], *(str(row[k] or "-") for k in ("luts", "brams", "dsps")),
                      row["about"])
    out.print(table)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qhw {__version__}")
        raise typer.Exit


@app.callback()
def _options(version: Annotated[bool, typer.Option(
        "--version", callback=_version, is_eager=True, help="print the version")] = False) -> None:
    pass
