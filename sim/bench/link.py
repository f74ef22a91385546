"""The link to the host on a simulated board: what it carries, what errors cost, what it takes.

    python -m sim.bench.link [traffic] [cost]

``traffic`` sends the digits' whole test split through the board top in compiled RTL at 1 Mbaud,
with no errors and with bytes changed, lost and made up both ways.
``cost`` synthesizes the link without the network.
"""

from importlib.resources import files

import numpy as np

import qhw
from qhw.board.port import Noise, SimulatedBoard
from qhw.design.beats import to_bytes
from qhw.design.top import layout
from qhw.link.host import HostLink
from qhw.link.link import Link
from qhw.lower import lower
from qhw.simulators.golden import golden
from qhw.synthesis.synth import cells, netlist
from qhw.targets import target
from qhw.verbs import read_input
from qhw.verilog.design import Design

from ..words import words

MODEL, CHIP = "digits-binary", "ice40up5k"
LINK = Link(12_000_000, 1_000_000)
NOISE = (0.0, 0.001, 0.01, 0.03)
TARGETS = {"ice40hx8k": 12, "ice40up5k": 12, "ecp5-25k": 25, "gw1n-9c": 27}
"""With a clock of a board in MHz."""


def traffic() -> None:
    x, _ = read_input(files("qhw.models") / "digits" / "test.npz")   # type: ignore[arg-type]
    graph = lower(qhw.load(MODEL))
    exact = golden(graph, x.astype(np.int64))
    names = graph.hardware.nodes[0].name, graph.hardware.output.name
    sent, wanted = ([one.tobytes() for one in to_bytes(exact[name], port.codes, port.lanes)
                     .reshape(len(x), -1)]
                    for name, port in zip(names, layout(graph), strict=True))
    bit = LINK.clock_hz // LINK.baud
    print("bytes wrong   samples   right   sent again   line in use   samples a second")
    for rate in NOISE:
        with SimulatedBoard(graph, LINK, target(CHIP), to_board=Noise(rate, 1),
                            to_host=Noise(rate, 2)) as board, \
                HostLink(board.path, LINK.baud) as link:
            answers, rates = link.infer(link.about(), sent)
        seen = board.traffic
        right = sum(a == b for a, b in zip(answers, wanted, strict=True))
        print(f"{rate:11.1%}{len(x):10}{right:8}{rates.repeated:13}"
              f"{10 * bit * seen.received / seen.cycles:14.1%}"
              f"{len(x) * LINK.clock_hz / seen.cycles:19,.0f}")


def cost() -> None:
    graph = lower(qhw.load(MODEL))
    print("target        LUTs     FFs   block RAMs")
    for chip, mhz in TARGETS.items():
        on = target(chip)
        design = Design.of(graph, on, link=Link(mhz * 1_000_000))
        top = netlist(design.files, design.name, [(design.name, "network")], on)
        found = cells(top[design.name], on)
        print(f"{chip:12}{found.luts:6}{found.ffs:8}{found.brams:13}")


if __name__ == "__main__":
    parts = {"traffic": traffic, "cost": cost}
    for what in words(__doc__, parts, parts):
        parts[what]()
