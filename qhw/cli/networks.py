"""``qhw quantize`` and ``inspect``: networks before they are hardware."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from .. import verbs
from ..errors import QhwError
from ..names import visible
from .app import app
from .completion import schemes
from .mixing import Mixing, mixing, print_choice
from .options import (
    Calibrate,
    InputFormat,
    InputShape,
    Json,
    Method,
    Model,
    calibration,
    print_json,
    shape,
)
from .terminal import out, spinner

if TYPE_CHECKING:
    from ..quantization.record import Quantized
    from .mixing import How

__all__ = ["inspect", "quantize"]


@app.command()
@mixing
def quantize(model: Model,
             output: Annotated[Path, typer.Option("-o", "--output", help="folder to write")],
             mixed: Mixing,
             scheme: Annotated[str | None, typer.Option(
                 autocompletion=schemes,
                 help="scheme with its parameters, such as shiftcnn:terms=2,bits=4; or --budget "
                      "or --accuracy")] = None,
             layer: Annotated[list[str] | None, typer.Option(
                 help="another scheme for a layer, such as fc1=binary; may be repeated")] = None,
             activations: Annotated[str | None, typer.Option(
                 help="format of real activations, such as u8, s4, hwgq:bits=2, sign")] = None,
             activation: Annotated[list[str] | None, typer.Option(
                 help="another format behind a layer, such as relu1=u4; may be repeated")] = None,
             calibrate: Calibrate = None,
             method: Method = "mse",
             first_last: Annotated[int | None, typer.Option(
                 min=2, max=8, help="bits of the first and the last layers' weights and "
                                    "inputs")] = None,
             fold_norms: Annotated[bool, typer.Option(
                 "--fold-norms", help="fold batch norms into the weights first")] = False,
             equalize: Annotated[bool, typer.Option(
                 "--equalize", help="equalize the ranges of channels across layers first; folds "
                                    "batch norms")] = False,
             correct_bias: Annotated[bool, typer.Option(
                 "--correct-bias", help="take the mean error of the weights back in biases")
             ] = False,
             input: Annotated[Path | None, typer.Option(
                 help=".npz file with samples x and labels y for the accuracy")] = None,
             per_tensor: Annotated[bool, typer.Option(
                 "--per-tensor", help="one scale for all weights of a layer")] = False,
             limit: Annotated[int | None, typer.Option(
                 min=1, help="most samples to use of --input")] = None,
             input_format: InputFormat = None, input_shape: InputShape = None,
             json: Json = False) -> None:
    """Quantize a float network, so that it can be built, and measure the loss."""
    x, labels = verbs.read_input(input, limit) if input else (None, None)
    how: How = {
        "layers": _pairs(layer, "--layer", "fc1=binary"), "x": x, "labels": labels,
        "per_tensor": per_tensor, "correct_bias": correct_bias, "input_format": input_format,
        "input_shape": shape(input_shape), "activations": activations, "method": method,
        "activation": _pairs(activation, "--activation", "relu1=u4"), "first_last": first_last,
        "fold_norms": fold_norms, "equalize": equalize}
    if mixed.asked(scheme):
        known = mixed(model, output, calibrate, how)
    else:
        with spinner(f"quantizing {model}"):
            known = verbs.quantize(model, scheme or "", output,
                                   calibration=calibration(calibrate), **how)
    if json:
        return print_json(known)
    print_choice(known.choice)
    _show(known)
    out.print(f"The description is in {output}", soft_wrap=True)


def _pairs(given: list[str] | None, option: str, example: str) -> dict[str, str]:
    """Values by layer."""
    found: dict[str, str] = {}
    for text in given or []:
        name, equals, chosen = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} should be like {example}", param_hint=option)
        found[name] = chosen
    return found


def _show(known: "Quantized") -> None:
    table = Table("layer", "scheme", "weights", "bits a weight", "relative error", box=None)
    for row in known.layers:
        table.add_row(row.name, row.scheme, str(row.weights), f"{row.bits_per_weight:.2f}",
                      f"{row.relative_mse:.4f}")
    out.print(table)
    if known.activations:
        table = Table("behind", "format", "scale", "zero point", "from", "to", "SQNR dB", box=None)
        for one in known.activations:
            table.add_row(one.layer, one.format, f"{one.scale:.4g}", f"{one.zero_point:g}",
                          f"{one.lo:.4g}", f"{one.hi:.4g}", f"{one.sqnr_db:.1f}")
        out.print(table)
    out.print(f"{known.bits_per_weight:.2f} bits a weight, mean squared error {known.mse:.3g}")
    if known.accuracy is not None:
        out.print(f"{known.float_correct} of {known.samples} right in floats, "
                  f"{known.correct} quantized ({known.accuracy:.2%})")


@app.command()
def inspect(model: Model,
            input_format: InputFormat = None, input_shape: InputShape = None,
            json: Json = False) -> None:
    """Show a network as it is read: the result for each node, and unsupported nodes.

    Exits with status 1 if a build would refuse the network."""
    known = verbs.inspect(model, input_format, shape(input_shape))
    read = known.findings
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
    if known.fault:
        raise QhwError(known.fault)
