"""``qhw quantize`` and ``inspect``: networks before they are hardware."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from .. import verbs
from ..errors import QhwError
from ..names import visible
from .app import app
from .options import Calibrate, InputFormat, InputShape, Json, Model, print_json, shape
from .terminal import out, spinner

__all__ = ["inspect", "quantize"]


@app.command()
def quantize(model: Model,
             scheme: Annotated[str, typer.Option(
                 help="scheme with its parameters, such as shiftcnn:terms=2,bits=4")],
             output: Annotated[Path, typer.Option("-o", "--output", help="folder to write")],
             layer: Annotated[list[str] | None, typer.Option(
                 help="another scheme for a layer, such as fc1=binary; may be repeated")] = None,
             input: Annotated[Path | None, typer.Option(
                 help=".npz file with samples x and labels y for the accuracy")] = None,
             calibrate: Calibrate = None,
             per_tensor: Annotated[bool, typer.Option(
                 "--per-tensor", help="one scale for all weights of a layer")] = False,
             limit: Annotated[int | None, typer.Option(min=1, help="most samples to use")] = None,
             json: Json = False) -> None:
    """Quantize a float network's weights, and measure the loss."""
    others: dict[str, str] = {}
    for text in layer or []:
        name, equals, chosen = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} should be like fc1=binary", param_hint="--layer")
        others[name] = chosen
    x, labels = verbs.read_input(input, limit) if input else (None, None)
    samples = verbs.read_input(calibrate)[0] if calibrate else None
    with spinner(f"quantizing {model}"):
        known = verbs.quantize(model, scheme, output, layers=others, x=x, labels=labels,
                               per_tensor=per_tensor, calibration=samples)
    if json:
        return print_json(known)
    table = Table("layer", "scheme", "weights", "bits a weight", "relative error", box=None)
    for row in known.layers:
        table.add_row(row.name, row.scheme, str(row.weights), f"{row.bits_per_weight:.2f}",
                      f"{row.relative_mse:.4f}")
    out.print(table)
    out.print(f"{known.bits_per_weight:.2f} bits a weight, mean squared error {known.mse:.3g}")
    if known.accuracy is not None:
        out.print(f"{known.float_correct} of {known.samples} right in floats, "
                  f"{known.correct} quantized ({known.accuracy:.2%})")
    out.print(f"The description is in {output}", soft_wrap=True)


@app.command()
def inspect(model: Model,
            input_format: InputFormat = None, input_shape: InputShape = None,
            json: Json = False) -> None:
    """Show a network as it is read: the result for each node, and unsupported nodes.

    Exits with status 1 if a build would refuse the network."""
    from ..loaders import findings, load
    read = findings(model, input_format, shape(input_shape))
    wrong = [f for f in read if f.reason]
    if json:
        print_json([{"node": f.node.name, "op": f.node.op, "domain": f.node.domain,
                     "became": f.became, "shape": list(f.shape), "format": f.format,
                     "reason": f.reason, "help": f.help} for f in read])
    else:
        table = Table("node", "operator", "becomes", "shape", "format", box=None)
        for f in read:
            note = Text.assemble((visible(f.reason), "red"), visible(f"; {f.help}" * bool(f.help)))
            table.add_row(f.node.name, f.node.op, note if f.reason else f.became or f.help,
                          "x".join(map(str, f.shape)), f.format)
        out.print(table)
    if wrong:
        raise QhwError(f"{model}: {len(wrong)} of {len(read)} nodes are not supported; the "
                       f"first is {wrong[0].node.name!r} ({wrong[0].node.op}): {wrong[0].reason}")
    verbs.buildable(load(model, input_format, shape(input_shape)), model)
