"""Speed, memory and growth, each as one line: ``make bench``.

Machines differ and are noisy, so what matters is a ratio of two figures of the same run, or how
a figure grows.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import qhw
from qhw.loaders import shipped
from qhw.schemes.ternary import Ternary
from qhw.verbs import read_input

from ..beside import SHARED, there
from ..words import words
from .fastest import fastest
from .goals import goals as fit_boards

console = Console(highlight=False, width=100)
MODEL = "digits-ternary"
SIZES = {"10 k": (128, 64, 10), "100 k": (256, 256, 128, 10), "1 M": (1024, 640, 512, 10)}


def digits() -> tuple[np.ndarray, np.ndarray | None]:
    return read_input(next(iter(shipped().values())).parent / "digits" / "test.npz")


def seconds(call, *arguments, **named) -> float:
    """How long a call takes, the better of two."""
    taken = []
    for _ in range(2):
        begin = time.perf_counter()
        call(*arguments, **named)
        taken.append(time.perf_counter() - begin)
    return min(taken)


def simulators() -> None:
    """Samples a second of each engine on the digits, compiled beforehand."""
    x, _ = digits()
    codes = x.astype(np.int64)
    graph = qhw.load(MODEL)
    qhw.simulate(graph, codes[:1], engine="verilator")
    many = np.tile(codes, (40, 1))
    rates = {
        "amaranth": 10 / seconds(qhw.simulate, graph, codes[:10], engine="amaranth"),
        "verilator": len(many) / seconds(qhw.simulate, graph, many, engine="verilator"),
        "golden": len(many) / seconds(qhw.simulate, graph, many, engine="golden"),
    }
    table = Table("engine", "samples a second", "ratio", box=None, title=f"Simulation of {MODEL}",
                  title_justify="left")
    for engine, rate in rates.items():
        table.add_row(engine, f"{rate:,.0f}", f"{rate / rates['amaranth']:,.0f} x")
    console.print(table)


def write_model(folder: Path, sizes: Sequence[int]) -> None:
    """A ternary network with random weights."""
    rng = np.random.default_rng(0)
    text = f'schema = 1\nname = "{folder.name}"\n\n[input]\nshape = [{sizes[0]}]\nbits = 4\n'
    arrays: dict[str, np.ndarray] = {}
    for k, (inputs, outputs) in enumerate(pairwise(sizes), 1):
        last = k == len(sizes) - 1
        made = Ternary().quantize(rng.normal(size=(outputs, inputs)), per_channel=not last)
        arrays |= {f"fc{k}.codes": made.codes, f"fc{k}.scale": made.scale}
        text += (f'\n[[layer]]\nname = "fc{k}"\ntype = "dense"\nunits = {outputs}\n'
                 f'scheme = "ternary"\n')
        if last:
            text += '\n[[layer]]\nname = "class"\ntype = "argmax"\n'
            continue
        arrays |= {f"bn{k}.gamma": rng.uniform(0.5, 1.5, outputs),
                   f"bn{k}.beta": rng.normal(size=outputs),
                   f"bn{k}.mean": rng.normal(size=outputs),
                   f"bn{k}.variance": rng.uniform(1, 2, outputs) * inputs}
        text += (f'\n[[layer]]\nname = "bn{k}"\ntype = "batch_norm"\n'
                 f'\n[[layer]]\nname = "act{k}"\ntype = "quantize"\nbits = 4\nscale = 0.25\n')
    folder.mkdir()
    (folder / "model.toml").write_text(text)
    np.savez(folder / "weights.npz", **arrays)  # type: ignore


def used(*command: str, quiet: bool = False) -> tuple[int, resource.struct_rusage]:
    """Status of a process of Python, and the processor time and the memory that it took."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL if quiet else None)
    _, status, usage = os.wait4(process.pid, 0)
    return status, usage


def measured(*command: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a command."""
    begin = time.perf_counter()
    status, usage = used("-m", "qhw", *command)
    if status:
        sys.exit(f"qhw {' '.join(command)} failed")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def start() -> None:
    """Processor time of commands that only say something, and of importing the package."""
    table = Table("command", "user", "system", "together", box=None, title="Start, processor time",
                  title_justify="left")
    commands = {"import qhw": ("-c", "import qhw"), "qhw --help": ("-m", "qhw", "--help"),
                "qhw schemes": ("-m", "qhw", "schemes"), "qhw boards": ("-m", "qhw", "boards")}
    for label, command in commands.items():
        taken = []
        for _ in range(5):
            status, usage = used(*command)
            if status:
                sys.exit(f"{label} failed")
            taken.append((usage.ru_utime, usage.ru_stime))
        user, system = min(taken, key=sum)
        table.add_row(label, f"{user:.2f} s", f"{system:.2f} s", f"{user + system:.2f} s")
    console.print(table)


def growth() -> None:
    """Build, estimate and the golden on networks of 10 k to 1 M weights."""
    table = Table("weights", "build", "peak memory", "estimate", "golden", box=None,
                  title="Growth with the number of weights", title_justify="left")
    with tempfile.TemporaryDirectory() as name:
        for label, sizes in SIZES.items():
            folder = Path(name, f"net{label.replace(' ', '')}")
            write_model(folder, sizes)
            weights = sum(a * b for a, b in pairwise(sizes))
            built, peak = measured("build", str(folder), "-o", f"{folder}-out", "--target",
                                   "ecp5-85k")
            predicted, _ = measured("estimate", str(folder), "--target", "ecp5-85k", "--json")
            x = np.random.default_rng(1).integers(0, 16, (2000, sizes[0]))
            rate = len(x) / seconds(qhw.simulate, qhw.load(folder), x)
            table.add_row(f"{label} ({weights:,})", f"{built:.1f} s", f"{peak:.0f} MB",
                          f"{predicted:.1f} s", f"{rate:,.0f} samples/s")
    console.print(table)


def estimates() -> None:
    """Predicted against synthesized cost of the models on three chips."""
    kinds = {"LUT": "luts", "FF": "ffs", "BRAM": "brams", "DSP": "dsps"}
    table = Table("model", "target", *kinds, "LUT error", "FF error", box=None,
                  title="Estimates: predicted / measured", title_justify="left")
    for model in shipped():
        for target in ("ice40hx8k", "ecp5-25k", "xc7"):
            known = qhw.synth(model, target)
            predicted, found = known["estimate"], known["measured"]
            figures = [f"{predicted[kind]} / {found[kind]}" for kind in kinds.values()]
            errors = [f"{predicted[kind] / found[kind] - 1:+.1%}" for kind in ("luts", "ffs")]
            table.add_row(model, target, *figures, *errors)
    console.print(table)


def reading() -> None:
    """Import of every file of ../shared/zoo2, in a process of its own each: `qhw inspect` reads the
    network, lowers it and makes its hardware."""
    if not there("zoo2", "import of the networks of the microcontroller world"):
        return
    table = Table("file", "processor time", "peak memory", "result", box=None,
                  title="Import: qhw inspect", title_justify="left")
    for file in sorted((SHARED / "zoo2/models").iterdir()):
        status, usage = used("-m", "qhw", "inspect", str(file), "--json", quiet=True)
        table.add_row(file.name, f"{usage.ru_utime + usage.ru_stime:.1f} s",
                      f"{usage.ru_maxrss / 1024:.0f} MB", "refused" if status else "taken")
    console.print(table)


def imports() -> None:
    """Import and build of every network of ../shared/zoo, in processes of their own."""
    from tests.whole.test_zoo import FORMATS, MODELS, ZOO
    if not there("zoo", "import and build of the networks of others"):
        return
    table = Table("network", "inspect", "build", "peak memory", box=None,
                  title="Import and build", title_justify="left")
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            file = str(ZOO / f"models/{name}.onnx")
            format = ["--input-format", FORMATS[name]] if name in FORMATS else []
            read, _ = measured("inspect", file, *format, "--json")
            built, peak = measured("build", file, "-o", f"{folder}/{name}", *format)
            table.add_row(name, f"{read:.1f} s", f"{built:.1f} s", f"{peak:.0f} MB")
    console.print(table)


def zoo() -> None:
    """Every network of ../shared/zoo: codes against the reference, cycles against the ideal."""
    from tests.whole import test_zoo as z
    if not there("zoo", "the networks of others"):
        return
    table = Table("network", "samples", "codes compared", "mismatches", "cycles an inference",
                  "ideal", box=None, title="Networks of others", title_justify="left")
    for name in z.MODELS:
        found: dict[str, int] = {}
        z.test_codes_and_outputs_are_the_reference(name, found.__setitem__)
        units = z.stages(z.exact(name)[0])
        ideal = max(s.op.vectors(s.x) * s.op.inputs * s.op.outputs // s.op.groups
                    // (s.op.pe * s.op.simd) for s in units if isinstance(s.op, z.MatVec))
        table.add_row(name, f"{found['samples']}", f"{found['codes_compared']}", "0",
                      f"{z.predict(z.exact(name)[0]).interval}", f"{ideal}")
    console.print(table)


def networks() -> None:
    """Two thousand random networks: QONNX's executor, the golden and gates."""
    from tests.whole import test_random
    begin = time.perf_counter()
    test_random.EACH = 250
    with tempfile.TemporaryDirectory() as folder:
        for part in range(test_random.PARTS):
            test_random.test_all_three_agree(part + 1000, Path(folder))
    console.print(f"{test_random.PARTS * test_random.EACH} random networks agree in "
                  f"{time.perf_counter() - begin:.0f} s")


def goals() -> None:
    """Folding to fit boards; see ``sim.bench.goals``."""
    fit_boards()


def boards() -> None:
    """Inferences a second on boards, by place and route; fills docs/results/speed.md."""
    fastest()


def golden() -> None:
    """The golden beside ONNX Runtime and numpy, each on one thread; fills docs/results/speed.md."""
    process = subprocess.run([sys.executable, "-m", "sim.bench.golden"],
                             env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    if process.returncode:
        sys.exit("sim.bench.golden failed")


BENCHES = {"start": start, "simulators": simulators, "golden": golden, "growth": growth,
           "estimates": estimates, "reading": reading, "imports": imports, "zoo": zoo,
           "networks": networks, "goals": goals, "boards": boards}

if __name__ == "__main__":
    for bench in words(__doc__, BENCHES, BENCHES):
        BENCHES[bench]()
