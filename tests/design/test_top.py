"""The network's ports, and what its taps say of a layer's stream."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from qhw.design.top import Top, prefixed
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.ops import Threshold


def network():
    """Of two elements a sample, one a beat: 0 below 0, 1 below 2, otherwise 2."""
    step = Threshold(np.array([[0, 2], [0, 2]]), np.zeros(2, bool))
    return Graph("net", (Node("in", Input((2,), Int(-4, 3))), Node("step", step, ("in",))))


def test_ports():
    top = Top(network(), taps=True)
    widths = {name: len(getattr(top, name)) for name in top.signature.members}
    assert widths == {
        "s_axis_tdata": 8, "s_axis_tvalid": 1, "s_axis_tready": 1, "s_axis_tlast": 1,
        "m_axis_tdata": 8, "m_axis_tvalid": 1, "m_axis_tready": 1, "m_axis_tlast": 1,
        "tap_step_valid": 1, "tap_step_blocked": 1, "tap_step_idle": 1, "tap_step_data": 2}
    assert not any(name.startswith("tap") for name in Top(network()).signature.members)


def test_taps_say_what_the_stream_does():
    """Cycle by cycle: at its output a layer's beat moves, waits, or is waited for. The buffer
    behind it takes two while the network's output is not read."""
    top, seen, data = Top(network(), taps=True), [], []

    async def bench(ctx):
        for valid, ready, code in ((0, 1, 0), (1, 0, 3), (1, 0, 1), (1, 0, -1), (1, 0, 2),
                                   (1, 1, 2), (0, 1, 0), (0, 1, 0), (0, 1, 0)):
            ctx.set(top.s_axis_tvalid, valid)
            ctx.set(top.s_axis_tdata, code & 255)
            ctx.set(top.m_axis_tready, ready)
            *_, moves, blocked, idle, level = await ctx.tick().sample(
                top.tap_step_valid, top.tap_step_blocked, top.tap_step_idle, top.tap_step_data)
            seen.append("moves" * moves + "blocked" * blocked + "idle" * idle)
            if moves:
                data.append(level)

    sim = Simulator(top)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    assert seen == ["idle", "idle", "moves", "moves", "blocked", "blocked", "moves", "idle", "idle"]
    assert data == [2, 1, 0]


@pytest.mark.parametrize("prefix", ["9x", "a-b", "", "module"])
def test_a_prefix_that_is_no_name(prefix):
    with pytest.raises(ModelError, match="it is no legal module name"):
        prefixed(network(), prefix)
