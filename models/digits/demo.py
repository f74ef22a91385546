"""The main job on real input: handwritten digits through generated Verilog, bit for bit.

Run as ``python models/digits/demo.py [MODEL]``; writes to build/MODEL.
"""

import sys
from pathlib import Path

import numpy as np
from rich.columns import Columns
from rich.panel import Panel
from rich.progress import Progress
from rich.text import Text

import qhw
from qhw import verbs
from qhw.cli.terminal import cost_table
from qhw.cli.terminal import out as console
from qhw.lower import lower
from qhw.simulators.verilator_sim import program

TARGET = "ice40hx8k"
SHADES = " .:-=+*#%@"
SHOWN = 8


def picture(pixels: np.ndarray) -> str:
    """An 8 x 8 image of values 0..16, two characters a pixel."""
    levels = pixels.reshape(8, 8).astype(int) * (len(SHADES) - 1) // 16
    return "\n".join("".join(SHADES[v] * 2 for v in row) for row in levels)


def main(model: str) -> None:
    data = Path(__file__).with_name("test.npz")
    x, labels = verbs.read_input(data)
    assert labels is not None
    console.print(Text.assemble((model, "bold"), " to Verilog, and the Verilog to a simulator"))
    with console.status("compiling"):
        program(lower(qhw.load(model)))

    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("simulating", total=len(x))
        found = qhw.simulate(model, x.astype(np.int64), engine="verilator",
                             progress=lambda done: bar.update(task, completed=done))
    answers = found.codes[:, 0]
    console.print(Columns([Panel(picture(x[k]), title=f"hardware: {answers[k]}",
                                 subtitle=f"label: {labels[k]}", width=20)
                           for k in range(SHOWN)]))
    right = int((answers == labels).sum())
    console.print(f"{found.matches} of {len(x)} samples: compiled RTL equals the golden\n"
                  f"{right} of {len(x)} classified right ({right / len(x):.2%})\n"
                  f"{found.seconds:.2f} s, {found.cycles} cycles")

    output = Path("build", model)
    with console.status(f"synthesizing for {TARGET}"):
        built = qhw.build(
            model, output, target=TARGET, measure=True,
            x=x.astype(np.int64), labels=labels,
            command=f"qhw build {model} -o {output} --target {TARGET} --synth")
    console.print(cost_table(built))
    console.print(f"{built.cycles_per_inference} cycles per inference, "
                  f"{built.latency_cycles} cycles latency\n"
                  f"Verilog: {output / model.replace('-', '_')}.v\n"
                  f"report:  {output / 'report.html'}", soft_wrap=True)
    if found.matches != len(x):
        sys.exit("The hardware differs from the golden")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "digits-ternary")
