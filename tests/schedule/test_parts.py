"""Each part alone, by hand: in which cycles beats leave it, and what a run says besides."""

import numpy as np
import pytest

from qhw.schedule import Net

ROM = np.array([1, 2])
LATE = {"steps", "gate", "gate of two"}
"""Parts that take the first beat in cycle 1."""


def same(net, i):
    """All beats go on in the cycle in which they come."""
    return net.take(i, 0, 1, 1)


PARTS = {
    # A source offers a beat a cycle; a register gives it in the next one.
    "nothing": (3, lambda net, i: same(net, i), [0, 1, 2]),
    "register": (3, lambda net, i: net.register(i), [1, 2, 3]),
    "queue of 1": (3, lambda net, i: net.queue(i, 1), [1, 3, 5]),   # room comes a cycle later
    "queue of 2": (3, lambda net, i: net.queue(i, 2), [1, 2, 3]),
    "widen": (6, lambda net, i: net.widen(i, 3), [3, 6]),           # all of 0 to 2 in 3
    "narrow": (2, lambda net, i: net.narrow(i, 3), [1, 2, 3, 4, 5, 6]),
    "no stages": (3, lambda net, i: same(net, net.pipeline(i, 0)), [0, 1, 2]),
    "stages": (3, lambda net, i: net.pipeline(i, 3), [3, 4, 5]),
    # Each beat is read in two cycles and leaves with the second one: read in 1, 3 and 5.
    "steps": (3, lambda net, i: net.pipeline(i, 3, steps=2), [4, 6, 8]),
    # Constants from a memory: a cycle for the first word; if all are alike they come at once.
    "gate": (3, lambda net, i: net.gate(i, 1, ROM), [1, 2, 3]),
    "gate of one group": (3, lambda net, i: same(net, net.gate(i, 2, ROM)), [0, 1, 2]),
    "gate alike": (3, lambda net, i: same(net, net.gate(i, 1, np.array([2, 2]))), [0, 1, 2]),
    "gate of two": (3, lambda net, i: net.gate(i, 1, np.array([2, 2]), ROM), [1, 2, 3]),
    "late gate": (3, lambda net, i: net.gate(net.register(i), 1, ROM), [1, 2, 3]),
    # A bank of two beats is whole in 1, read from 2 on, and its register gives it from 3 on.
    "banks whole": (4, lambda net, i: net.banks(i, 2, 2, whole=True), [3, 4, 5, 6]),
    "banks": (4, lambda net, i: net.banks(i, 2, 2, whole=False), [2, 3, 4, 5]),
    "banks twice": (2, lambda net, i: net.banks(i, 2, 4, whole=True), [3, 4, 5, 6]),
    # Two rows of two beats; each output row needs one row, or two, and frees one.
    "rows": (4, lambda net, i: net.rows(i, 2, 2, [1, 2], [1, 2], 2), [3, 4, 5, 6]),
    "rows of two": (4, lambda net, i: net.rows(i, 2, 2, [2, 2], [1, 2], 2), [5, 6, 7, 8]),
}


def played(beats, part, count=1, **how):
    net = Net()
    net.sink(part(net, net.source(beats)))
    return net.play(count, **how)


@pytest.mark.parametrize("name", PARTS)
def test_the_cycles_in_which_beats_leave(name):
    beats, part, leaves = PARTS[name]
    assert played(beats, part, each=True).ends.tolist() == leaves
    once = played(beats, part)
    assert once.ends.tolist() == [leaves[-1]] and once.first == (name in LATE)
    assert once.cycles.tolist() == [leaves[-1] - once.first + 1]


@pytest.mark.parametrize(("period", "ends"), [(0, [1, 3, 5]), (1, [1, 3, 5]), (5, [1, 6, 11])])
def test_inferences_begin_after_a_period(period, ends):
    assert played(2, same, 3, period=period).ends.tolist() == ends


@pytest.mark.parametrize(("gaps", "ready", "ends"), [
    ([2, 0, 3], None, [2, 3, 7]), ([0, 1], None, [0, 2, 3]),
    # What is offered in 0 waits until 2, then until 4; behind the last cycle said all are taken.
    (None, [0, 0, 1, 0, 1], [2, 4, 5]), ([0, 4], [0, 1, 1, 1, 1, 0, 1, 0], [1, 6, 8]),
])
def test_pauses(gaps, ready, ends):
    run = played(3, same, each=True, gaps=None if gaps is None else np.array(gaps),
                 ready=None if ready is None else np.array(ready, bool))
    assert run.ends.tolist() == ends and run.first == ends[0]
    assert run.cycles.tolist() == [end - ends[0] + 1 for end in ends]


@pytest.mark.parametrize(("latest", "ends"), [
    ([1, 3, 5, 7], [1, 3, 5, 7]), ([1, 2, 5, 7], [1, 3]), ([0], [1]), ([9], [1, 3, 5, 7])])
def test_an_end_that_is_late_stops_the_run(latest, ends):
    assert played(2, same, 4, latest=np.array(latest)).ends.tolist() == ends


def test_moves_and_depths():
    """Six beats in each of two channels. With one taken every third cycle from 2 on, beats come in
    0, 1, 2 .. while they leave in 2, 5, 8, 11, 14, 17; before the first leaves there are two, and
    when beat 5 comes, in 5 if there is room, 0 has left and 1 leaves: five are there."""
    net = Net()
    net.sink(net.queue(net.source(3), 9, "queue"))
    run = net.play(2, ready=np.arange(30) % 3 == 2)
    assert (run.moves, run.deepest, run.full) == (12, {"queue": 5}, ())
    assert run.ends.tolist() == [8, 17]


def test_marks_are_alike_where_inferences_are():
    """In cycles from their own beginning; one that waits longer has another."""
    even = played(2, same, 3, period=4).marks
    assert even[0] == even[1] == even[2]
    late = played(2, same, 3, period=4, gaps=np.array([0, 0, 0, 1, 0, 0])).marks
    assert late[0] == even[0] != late[1] and late[2] == even[2]
    assert played(2, lambda net, i: net.register(i), 1).marks[0] != even[0]
