"""Units between layers: what they are, and by hand when beats leave them."""

import numpy as np
import pytest

from qhw.design.stage import Stage
from qhw.exact.num import Int
from qhw.graph import Node, Tensor
from qhw.hw.streams.fifo import Fifo
from qhw.hw.streams.stream import Buffer, Narrow, Widen
from qhw.hw.units.join import Fork
from qhw.ops import Threshold
from qhw.schedule import Net

X = Tensor((12,), Int(-8, 7))


def stage(i_lanes=1, o_lanes=1, **more):
    return Stage("s", None, (X,), i_lanes, o_lanes, X, (("", "o"),), **more)


BUFFER, FORK, WIDEN, NARROW = stage(), stage(ways=2), stage(2, 6), stage(6, 2)
UNEVEN, PARTED = stage(2, 4, vector=6), stage(4, 2, vector=6)
SMALL, LARGE = stage(depth=1), stage(depth=Fifo.SMALL + 1)


@pytest.mark.parametrize(("one", "kind", "unit", "interval"), [
    (BUFFER, "buffer", Buffer, 12), (FORK, "fork", Fork, 12), (WIDEN, "widen", Widen, 6),
    (NARROW, "narrow", Narrow, 6), (UNEVEN, "widen", Widen, 6), (PARTED, "narrow", Narrow, 6),
    (stage(5, 5, vector=6), "buffer", Buffer, 4), (SMALL, "queue", Fifo, 12),
    (LARGE, "queue", Fifo, 12)])
def test_what_a_unit_is(one, kind, unit, interval):
    assert (one.kind, type(one.unit()), one.interval) == (kind, unit, interval)
    assert one.op is None and one.x is X and one.inputs == ["i"]


@pytest.mark.parametrize(("one", "i", "o"), [
    (BUFFER, 4, 4), (WIDEN, 8, 24), (NARROW, 24, 8), (stage(3, 3, depth=2), 12, 12)])
def test_ports_are_as_wide_as_the_lanes(one, i, o):
    """Elements of four bits."""
    unit = one.unit()
    assert (unit.i.payload.shape().size, unit.o.payload.shape().size) == (i, o)
    assert {*stage(2, 2, ways=3).unit().signature.members} == {"i", "o0", "o1", "o2"}


CAME = np.array([0, 1, 2, 5, 6, 7])
TIMES = {
    "buffer": (BUFFER, CAME, [1, 2, 3, 6, 7, 8]), "fork": (FORK, CAME, [0, 1, 2, 5, 6, 7]),
    "widen": (WIDEN, CAME, [3, 8]), "narrow": (NARROW, CAME[:2], [1, 2, 3, 4, 5, 6]),
    "narrow late": (NARROW, np.array([0, 9]), [1, 2, 3, 10, 11, 12]),
    "widen uneven": (UNEVEN, CAME, [2, 3, 7, 8]),
    "narrow uneven": (PARTED, np.array([0, 1, 2, 9]), [1, 2, 3, 4, 5, 10]),
    "small queue": (SMALL, CAME, [1, 2, 3, 6, 7, 8]),
    "large queue": (LARGE, CAME, [2, 3, 4, 7, 8, 9])}


@pytest.mark.parametrize("name", TIMES)
def test_when_beats_leave(name):
    one, came, leave = TIMES[name]
    assert one.schedule(came).tolist() == leave


@pytest.mark.parametrize(("one", "leave", "come"), [
    (BUFFER, [3, 4, 9], [2, 3, 8]), (FORK, [3, 4, 9], [3, 4, 9]), (SMALL, [3, 4, 9], [2, 3, 8]),
    (LARGE, [3, 4, 9], [1, 2, 7]), (SMALL, [3, 3, 9], [1, 2, 8]),
    (WIDEN, [3, 9], [0, 1, 2, 6, 7, 8]), (WIDEN, [3, 5], [-1, 0, 1, 2, 3, 4]),
    (NARROW, [3, 4, 5, 9, 10, 11], [2, 8]), (UNEVEN, [4, 5, 9, 10], [2, 3, 4, 7, 8, 9]),
    (PARTED, [3, 4, 5, 9, 10, 11], [2, 4, 8, 10])])
def test_the_latest_that_beats_may_come(one, leave, come):
    """A beat a cycle at most, so that one that is late asks those before it to be early."""
    assert one.latest(np.array(leave)).tolist() == come


@pytest.mark.parametrize("one", [BUFFER, WIDEN, NARROW, UNEVEN, PARTED, stage(depth=4),
                                 LARGE], ids=lambda s: f"{s.kind} {s.depth} {s.vector}")
def test_the_stream_agrees_with_the_schedule(one):
    """At a beat a cycle, a narrowing unit taking as many as it gives."""
    net = Net()
    o, = one.stream(net, net.source(one.i.beats(12)))
    net.sink(o)
    came = np.arange(one.i.beats(12))
    assert net.play(1, each=True).ends.tolist() == one.schedule(came).tolist()


def test_a_layer_is_its_operation():
    op = Threshold(np.array([[0, 2]] * 12), np.zeros(12, bool))
    one = Stage("t", Node("t", op, ("x",)), (X,), 1, 1, op.infer(X), (("", "o"),))
    assert (one.op, one.kind, one.interval) == (op, "threshold", op.interval(X))
    two = Stage("t", None, (X, X), 1, 1, X, (("a", "o"), ("b", "o1")))
    assert two.inputs == ["i0", "i1"]
