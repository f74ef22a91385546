"""A row of ``sim.bench.fastest``, which runs this file with the Python of either version of qhw:

    python -P fastest_row.py NETWORK BOARD MOST MHZ

The network gets the folds that are fastest on the board within MOST LUTs, or the chip's if that is
0, and is placed and routed once behind the board's link, with a clock of MHZ asked. One line of
JSON says what was reached, or why there is nothing.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qhw.board.clock import Clock
from qhw.board.top import BoardTop, platform
from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.fold.goal import Goal
from qhw.graph import Graph
from qhw.synthesis.place import Placed, flow
from qhw.synthesis.place import place as routed
from qhw.synthesis.synth import cells, read_netlist
from qhw.targets.boards import Board, place
from qhw.targets.cost import SITES
from qhw.tools import programs
from qhw.verbs.networks import folded
from qhw.verilog.design import Design


def placed(graph: Graph, board: Board, clock: Clock, folder: Path) -> Placed:
    """A folded network behind its link, by place and route; ModelError if it does not fit."""
    design, pins = Design.of(graph, board.chip, link=clock.link), platform(board)
    plan = pins.prepare(BoardTop(design.name, board, clock.pll), "top", emit_src=False)
    wanted = ("top.il", f"top{flow(board.chip.family).constraints}")
    for file, text in {**design.files, **{name: plan.files[name] for name in wanted}}.items():
        (folder / file).write_text(text, encoding="utf-8")
    programs.run_yosys([*(f"read_verilog {file}" for file in design.files if file.endswith(".v")),
                        "read_rtlil top.il", "hierarchy -top top",
                        f"{board.chip.family.synth} -top top", "delete t:$scopeinfo",
                        "write_json netlist.json"], folder)
    cost = cells(read_netlist(folder)["top"], board.chip)
    for kind, word in SITES.items():
        needs, has = getattr(cost, kind), getattr(board.chip, kind)
        if needs > has:
            raise ModelError(f"{graph.name}: it takes {needs} {word}, and there are {has}")
    return routed(folder, board.chip.family, pins, float(clock.mhz))


def row(network: str, board: str, most: int, mhz: float) -> dict[str, Any]:
    """Cycles of an inference, sites that are used and the clock in MHz; or a reason."""
    where = place(None, board)
    assert where.board
    try:
        graph, _ = folded(network, where, Goal(luts=most or None), None, None)
        cycles = predict(graph).interval
        print(f"{cycles} cycles", file=sys.stderr, flush=True)
        with TemporaryDirectory(prefix="qhw-fastest-") as folder:
            found = placed(graph, where.board, Clock.below(where.board, mhz), Path(folder))
    except ModelError as e:
        return {"refused": str(e)}
    used = {kind: count for kind, (count, _) in found.used.items()}
    return {"cycles": cycles, "mhz": round(found.fmax_mhz, 1), **used}


if __name__ == "__main__":
    print(json.dumps(row(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))))
