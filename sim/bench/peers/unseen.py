"""Random constant matrices that nobody tuned for, beside what other compilers make of them.

    python -m sim.bench.peers.unseen [FAMILY ...] [--cases b2 m1 ...] [--seeds 1 2 ...]

The generator is ../shared/bench/unseen/matrices.py. Each matrix is compiled, synthesized by Yosys,
and its netlist evaluated on random inputs. The other compilers, where they are installed (``pip
install qhw[peers]``), write Verilog of the same matrix in each of their settings; of each compiler
the setting that it counts as the cheapest is synthesized, with each adder mapped to ``$alu``,
without which Yosys makes it larger. Seconds are processor time from the matrix to Verilog, without
what is only done once. The results go into docs/results/data/unseen.json, and from it into the
table of docs/results/constant-weights.md.
"""

import argparse
import importlib.util
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.exact.num import Int
from qhw.targets import family as family_of
from qhw.tools import programs

from ...beside import SHARED, there
from ...pages import DATA, fill
from ...proof.matrices import FAMILIES
from ..hardware import Built, check, synthesize

RESULTS = DATA / "unseen.json"
GENERATOR = "bench/unseen"
OTHERS = "da4ml", "alkaid"
SEEDS = [1]
VECTORS = 100

DELAYS = -1, 0, 2
"""Adders that the others may add to the least depth; -1 for any number."""
ALU = """(* techmap_celltype = "$add $sub" *)
module adder (A, B, Y);
parameter A_SIGNED = 0; parameter B_SIGNED = 0; parameter _TECHMAP_CELLTYPE_ = "";
parameter A_WIDTH = 1; parameter B_WIDTH = 1; parameter Y_WIDTH = 1;
input [A_WIDTH-1:0] A; input [B_WIDTH-1:0] B; output [Y_WIDTH-1:0] Y;
wire [Y_WIDTH-1:0] X, CO;
localparam MINUS = _TECHMAP_CELLTYPE_ == "$sub";
\\$alu #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH),
  .Y_WIDTH(Y_WIDTH)) _TECHMAP_REPLACE_ (
  .A(A), .B(B), .CI(MINUS), .BI(MINUS), .X(X), .CO(CO), .Y(Y));
endmodule
"""

Setting = dict[str, Any]


def matrix(case: str, seed: int) -> tuple[np.ndarray, list[Int]]:
    """A matrix (outputs, inputs), and what its inputs can be."""
    found, spans = generator().matrix(case, seed)
    return found, [Int(lo, hi) for lo, hi in spans]


def generator() -> Any:
    """The generator's module."""
    spec = importlib.util.spec_from_file_location("matrices",
                                                  SHARED / GENERATOR / "matrices.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and its processor time, the less of two runs."""
    spent = list[float]()
    found = None
    for _ in range(2):
        began = time.process_time()
        found = work()
        spent.append(time.process_time() - began)
    return found, min(spent)


def ours(case: str, seed: int, family: str) -> dict[str, Any]:
    """LUTs of qhw's network, after synthesis."""
    weights, spans = matrix(case, seed)

    def work() -> tuple[Any, str]:
        network = adders.compile(weights, spans, family=family)
        return network, verilog(network, "top", family=family)

    (network, text), seconds = timed(work)
    module, _ = synthesize(text, family)
    rng = np.random.default_rng(seed)
    x = np.stack([rng.integers(i.lo, i.hi + 1, VECTORS) for i in spans], axis=1)
    exact = check(Built(text, [network], seconds), module, {"x": x, "y": x @ weights.T})
    return {"luts": luts(module, family), "seconds": round(seconds, 3), "exact": exact,
            "adders": network.depth}


def luts(module: dict[str, Any], family: str) -> int:
    """LUTs of a netlist; LUT sites on ECP5."""
    cells = Counter(cell["type"] for cell in module["cells"].values())
    return sum(size * cells[kind] for kind, size in family_of(family).primitives.luts.items())


# -- the others

def da4ml(weights: np.ndarray, spans: Sequence[Int], setting: Setting) -> tuple[float, str]:
    """da4ml's own cost of a matrix, and its Verilog."""
    trace: Any = import_module("da4ml.trace")
    writer: Any = import_module("da4ml.codegen.rtl.verilog")
    x = trace.FixedVariableArray.from_lhs(*ends(spans), solver_options=setting)
    made = trace.comb_trace(x, x @ weights.T.astype(np.float32))
    return made.cost, writer.comb_logic_gen(made, "top") + modules(writer)


def alkaid(weights: np.ndarray, spans: Sequence[Int], setting: Setting) -> tuple[float, str]:
    """alkaid's own cost of a matrix, and its Verilog."""
    trace: Any = import_module("alkaid.trace")
    writer: Any = import_module("alkaid.codegen.rtl.verilog")
    tables: Any = import_module("alkaid.codegen.rtl.verilog.lookup")
    passes: Any = import_module("alkaid.trace.passes")
    options = {key: value for key, value in setting.items() if key != "ternary"}
    x = trace.FVArray.from_lhs(*ends(spans), solver_options=options)
    made = trace.trace(x, x @ weights.T.astype(np.float32))
    if setting.get("ternary"):
        made = passes.add_surrogate(passes.dead_code_elimin(passes.fuse_ternary_adders(made)),
                                    _skip_op8_cost=True)
    return made.cost, "\n".join([writer.comb_logic_gen(made, "top"), tables.lookup_source([made]),
                                 modules(writer)])


def ends(spans: Sequence[Int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest, highest and step of each input, (inputs,) each."""
    lo, hi = (np.array([getattr(i, end) for i in spans], float) for end in ("lo", "hi"))
    return lo, hi, np.ones(len(spans))


def modules(writer: Any) -> str:
    """The modules that a compiler's Verilog consists of."""
    return "\n".join(path.read_text() for path in sorted(
        (Path(writer.__file__).parent / "source").glob("*.v")) if "lookup" not in path.name)


def settings(family: str) -> Iterator[tuple[str, Callable[..., tuple[float, str]], Setting]]:
    """What is tried: a compiler's name, the compiler, and its options."""
    inputs = family_of(family).inputs
    for delay in DELAYS:
        yield "da4ml", da4ml, {"hard_dc": delay}
        yield "alkaid", alkaid, {"hard_dc": delay, "binary_lut": False}
        yield "alkaid", alkaid, {"hard_dc": delay, "binary_lut_width": inputs}
        if family_of(family).adders.fuses:
            yield "alkaid", alkaid, {"hard_dc": delay, "binary_lut_width": inputs, "ternary": True}


def theirs(case: str, seed: int, family: str) -> dict[str, Any]:
    """LUTs of each compiler's cheapest setting, after synthesis."""
    weights, spans = matrix(case, seed)
    least, total = dict[str, tuple[float, str, Setting, float]](), defaultdict[str, float](float)
    for name, compiler, setting in settings(family):
        try:
            (cost, text), seconds = timed(lambda c=compiler, s=setting: c(weights, spans, s))
        except ImportError:
            continue
        total[name] += seconds
        if name not in least or cost < least[name][0]:
            least[name] = cost, text, setting, seconds
    return {name: {"luts": mapped(text, family), "seconds": round(seconds, 3),
                   "all": round(total[name], 3), "setting": setting}
            for name, (_, text, setting, seconds) in least.items()}


def mapped(text: str, family: str) -> int:
    """LUTs of Verilog whose adders are mapped one by one."""
    with tempfile.TemporaryDirectory(prefix="qhw-unseen-") as folder:
        path = Path(folder)
        (path / "top.v").write_text(text)
        (path / "alu.v").write_text(ALU)
        programs.run_yosys([
            "read_verilog top.v", "hierarchy -top top", "proc", "flatten", "opt", "wreduce",
            "techmap -map alu.v", "opt_clean", f"{family_of(family).synth} -top top", "flatten",
            "opt_clean", "delete t:$scopeinfo", "write_json net.json"], path)
        return luts(json.loads((path / "net.json").read_text())["modules"]["top"], family)


# -- the page

def page() -> None:
    """The table between the marks in docs/results/constant-weights.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| matrix, seed | target | qhw LUTs | da4ml | alkaid | ratio | seconds | other's | "
             "its settings' |", "|---|---|" + "--:|" * 7]
    ratios = dict[str, list[float]]()
    for key, row in sorted(known.items(), key=lambda item: (
            FAMILIES.index(item[0].split(":")[2]), item[0])):
        case, seed, family = key.split(":")
        best = min(row["others"].values(), key=lambda other: other["luts"], default=None)
        if best is None:
            continue
        ratios.setdefault(family, []).append(row["ours"]["luts"] / best["luts"])
        da4ml, alkaid = (row["others"].get(name, {}).get("luts", "") for name in OTHERS)
        lines.append(f"| {case}, {seed} | {family} | {row['ours']['luts']} | {da4ml} | {alkaid} | "
                     f"{ratios[family][-1]:.3f} | {row['ours']['seconds']:.2g} | "
                     f"{best['seconds']:.2g} | {best['all']:.2g} |")
    for family, found in ratios.items():
        mean = float(np.exp(np.mean(np.log(found))))
        lines.append(f"| mean, worst | {family} | | | | {mean:.3f}, {max(found):.3f} | | | |")
    fill("results/constant-weights.md", "unseen", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", default=[*FAMILIES])
    parser.add_argument("--cases", nargs="+", default=[])
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    given = parser.parse_args()
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if there(GENERATOR, "matrices that nobody tuned for"):
        for family in given.families:       # native code is compiled once, and kept
            adders.compile(np.eye(2, dtype=int), [Int(0, 1)] * 2, family=family)
        for case in given.cases or generator().CASES:
            for seed in given.seeds:
                for family in given.families:
                    found = {"ours": ours(case, seed, family), "others": theirs(case, seed, family)}
                    print(case, seed, family, found, flush=True)
                    known[f"{case}:{seed}:{family}"] = found
                    RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    main()
