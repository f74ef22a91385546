"""Random branched networks against the golden and the model of the streams.

    python -m sim.proof.branches [--count 300] [--first 0] [--models N]

Each network's Verilog is run in Icarus Verilog at full speed and with random pauses at both ends:
its integers must be the golden's, and its cycles, in both runs, exactly those that the model of the
streams says. ``--models`` checks so many more networks in the model alone: with random pauses
nothing may stop.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from qhw.design.beats import to_bytes, words_to_codes
from qhw.design.cycles import branched as has_branches
from qhw.design.cycles import predict, total
from qhw.design.queues import model
from qhw.design.top import layout, stages
from qhw.graph import Graph
from qhw.simulators.golden import golden
from qhw.verilog.design import Design
from tests.branching import branched, lowered
from tests.networks import random_input

SAMPLES, MOST_CYCLES = 3, 12_000
BENCH = """
module bench;
  reg clk = 0, rst = 1, offered = 0, taken, got_one;
  reg [{s} - 1:0] inputs [0:{beats} - 1];
  reg [15:0] gaps [0:{beats} - 1];
  reg ready [0:{bound} - 1];
  reg [15:0] gap;
  reg m_ready;
  integer n = 0, got = 0, cycle = 0, first = -1;
  wire s_ready, m_valid, m_last;
  wire [{m} - 1:0] m_data;
  {top} dut (.clk(clk), .rst(rst), .s_axis_tdata(inputs[n]), .s_axis_tvalid(offered),
    .s_axis_tready(s_ready), .s_axis_tlast(1'b0), .m_axis_tdata(m_data), .m_axis_tvalid(m_valid),
    .m_axis_tready(m_ready), .m_axis_tlast(m_last));
  initial begin
    $readmemh("inputs.txt", inputs); $readmemh("gaps.txt", gaps); $readmemh("ready.txt", ready);
    m_ready = 0; gap = gaps[0];
    repeat (2) begin #1 clk = 1; #1 clk = 0; end
    rst = 0;
    while (got < {wanted} && cycle < {bound}) begin
      if (!offered && n < {beats}) begin
        if (gap == 0) offered = 1; else gap = gap - 1;
      end
      m_ready = ready[cycle];
      #1 taken = offered && s_ready; got_one = m_valid && m_ready;
      if (taken && first < 0) first = cycle;
      if (got_one) begin $display("%h", m_data); got = got + 1; end
      #1 clk = 1;
      #1 if (taken) begin
        offered = 0; n = n + 1; if (n < {beats}) gap = gaps[n];
      end
      #1 clk = 0;
      cycle = cycle + 1;
    end
    $display("cycles %0d %0d", got, cycle - first);
    $finish;
  end
endmodule
"""


class Icarus:
    """A lowered graph's Verilog, compiled by Icarus Verilog."""

    def __init__(self, graph: Graph, folder: Path, samples: int, bound: int):
        self.graph, self.folder, self.samples, self.bound = graph, folder, samples, bound
        self.input, self.output = layout(graph)
        design = Design.of(graph)
        for name, text in design.files.items():
            # Icarus would not run what no event has reached before the first clock.
            (folder / name).write_text(re.sub(r"always @\s*\(?\*\)?", "always_comb", text))
        (folder / "bench.v").write_text(BENCH.format(
            s=self.input.width, m=self.output.width, top=design.name, bound=bound,
            beats=samples * self.input.beats, wanted=samples * self.output.beats))
        subprocess.run(["iverilog", "-g2012", "-o", "run", "bench.v",
                        f"{design.name}.v"], cwd=folder, check=True, capture_output=True)

    def run(self, codes: np.ndarray, gaps: np.ndarray, ready: np.ndarray) -> tuple[np.ndarray, int]:
        """Output codes, and the cycles from the first input beat to the last output beat."""
        words = to_bytes(codes, self.input.codes, self.input.lanes)[:, ::-1]
        for name, lines in (("inputs", (w.tobytes().hex() for w in words)),
                            ("gaps", (f"{g:x}" for g in gaps)),
                            ("ready", (str(int(r)) for r in ready))):
            (self.folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
        done = subprocess.run(["vvp", "-n", "run"], cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout.splitlines()
        _, beats, cycles = done[-1].split()
        if int(beats) < self.samples * self.output.beats:
            raise RuntimeError(f"stuck after {beats} output beats")
        return words_to_codes([int(line, 16) for line in done[:-1]], self.output.codes,
                              self.output.lanes, self.graph.answer.shape), int(cycles)


def pauses(rng: np.random.Generator, beats: int, bound: int) -> tuple[np.ndarray, np.ndarray]:
    """Random gaps before input beats, and when output beats are taken: short pauses and long."""
    often = rng.choice((0, 0.05, 0.3, 0.7))
    gaps = np.where(rng.random(beats) < often, rng.geometric(rng.choice((0.5, 0.1)), beats), 0)
    gaps[rng.random(beats) < 0.01] += int(rng.integers(100))
    ready = rng.random(bound) >= rng.choice((0, 0.1, 0.5, 0.8))
    for start in rng.integers(bound, size=int(rng.integers(6))):
        ready[start:start + int(rng.integers(200))] = False
    return gaps.astype(np.int64), ready


def stops(graph: Graph, seed: int, times: int) -> bool:
    """Whether the model stops with any of some random pauses, or where pipelines hold a beat."""
    units, port = stages(graph), layout(graph)[0]
    if len(model(units, worst=True).play(2).ends) < 2:
        return True
    for k in range(times):
        gaps, ready = pauses(np.random.default_rng([seed, k]), SAMPLES * port.beats, MOST_CYCLES)
        if len(model(units).play(SAMPLES, gaps=gaps, ready=ready).ends) < SAMPLES:
            return True
    return False


def in_gates(graph: Graph, seed: int) -> str:
    """What is wrong with a network's Verilog; nothing if all is as it should be."""
    port = layout(graph)[0]
    interval, latency = predict(graph)
    samples = SAMPLES if latency + 2 * interval < MOST_CYCLES // 2 else 2
    bound = 4 * (latency + samples * interval) + 4000
    exact = golden(graph, random_input(graph, samples, seed))
    codes, want = exact["input"], exact[graph.hardware.output.name]
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        gates = Icarus(graph, Path(folder), samples, bound)
        for paused in (False, True):
            gaps, ready = pauses(rng, samples * port.beats, bound)
            if not paused:
                gaps, ready = 0 * gaps, ready | True
            predicted = (model(stages(graph)).play(samples, gaps=gaps, ready=ready).cycles[-1]
                         if paused else total(graph, samples))
            try:
                found, cycles = gates.run(codes, gaps, ready)
            except RuntimeError as e:
                return f"{e}{' with pauses' * paused}"
            if not np.array_equal(found.reshape(want.shape), want):
                return f"other integers{' with pauses' * paused}"
            if cycles != predicted:
                return f"{cycles} cycles, predicted {predicted}{' with pauses' * paused}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--models", type=int, default=0)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    seed, began = given.first, time.monotonic()
    while counts["networks"] < given.count + given.models:
        alone = counts["networks"] >= given.count
        graph, kind = lowered(branched(seed, 2), seed)
        seed += 1
        units = stages(graph)
        cycles = predict(graph)
        if not has_branches(units) or not alone and cycles.latency > MOST_CYCLES // 2:
            continue
        counts["networks"] += 1
        counts[f"folds {kind}"] += 1
        counts["full rate"] += cycles.interval == max(u.interval for u in units)
        wrong = "stops in the model" if stops(graph, seed, 20 if alone else 5) else (
            "" if alone else in_gates(graph, seed))
        counts["in the model alone" if alone else "in gates"] += 1
        if wrong:
            counts["wrong"] += 1
            print(f"network {seed - 1} ({kind}): {wrong}", flush=True)
        if counts["networks"] % 10 == 0:
            print(f"{counts['networks']} networks, {counts['wrong']} wrong, "
                  f"{time.monotonic() - began:.0f} s", flush=True)
    for name, count in sorted(counts.items()):
        print(f"{name:20} {count}")
    print(f"{'wrong':20} {counts['wrong']}")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
