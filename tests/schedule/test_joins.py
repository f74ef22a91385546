"""Parts with several streams, and those that drop beats, by hand: in which cycles beats leave."""

import numpy as np
import pytest

from tests.schedule.test_parts import played


def looped(net, i):
    """A loop with two beats of its own; each goes round with one that comes."""
    begin, end = net.start(i.beats, 2)
    return net.back(net.join([i, net.queue(begin, 2)]), end)


PARTS = {
    "take": (8, lambda net, i: net.take(i, 1, 2, 4), [1, 2, 5, 6]),
    "take first": (6, lambda net, i: net.take(i, 0, 1, 3), [0, 3]),
    "take last": (6, lambda net, i: net.take(i, 2, 1, 3), [2, 5]),
    # Both ways are there in 1, together in 2.
    "join": (3, lambda net, i: net.join([net.register(w) for w in net.fork(i, 2)]), [2, 3, 4]),
    # A queue for each: beat 0 of the first in 1, then both of the second, from 2 on.
    "concat": (2, lambda net, i: net.concat([net.queue(w, 3) for w in net.fork(i, 2)], [1, 1]),
               [1, 2, 3, 4]),
    # Beat 0 in 1 twice, beat 1 in 3; a fork holds the beat until the slower way has taken it.
    "concat uneven": (2, lambda net, i: net.concat(
        [net.queue(net.narrow(w, 2), 9) if k else net.queue(w, 9)
         for k, w in enumerate(net.fork(i, 2))], [1, 2]), [1, 2, 3, 4, 5, 6]),
    # The loop's own beats are there in 1 and 2, and what they made is back in 2 and 3.
    "loop": (4, looped, [2, 3, 4, 5]),
    # Beats come in 0 and 1; the factor follows a cycle and the wait after it, then both beats.
    "runtime": (4, lambda net, i: vectors(net, i, 2, 1), [3, 4, 5, 8, 9, 10]),
    "runtime at once": (2, lambda net, i: vectors(net, i, 1, 0), [1, 2, 3, 4]),
    "runtime that waits": (2, lambda net, i: vectors(net, i, 2, 5), [7, 8, 9]),
}


def vectors(net, i, length, wait):
    """A factor, and the vector that it is of."""
    o, f = net.runtime(i, length, wait)
    return net.concat([f, o], [1, length])


@pytest.mark.parametrize("name", PARTS)
def test_the_cycles_in_which_beats_leave(name):
    beats, part, leaves = PARTS[name]
    assert played(beats, part, each=True).ends.tolist() == leaves


def test_a_fork_waits_for_the_slower_way():
    """One way takes a beat in two cycles, so that the other has one every two cycles too."""
    def part(net, i):
        a, b = net.fork(i, 2)
        return net.join([net.queue(a, 3), net.register(net.widen(net.narrow(b, 2), 2))])

    assert played(4, part, each=True).ends.tolist() == [5, 7, 9, 11]


def test_what_waits_at_a_join_leaves_in_order():
    """Nothing is taken before 6; two registers and the join hold what came."""
    def part(net, i):
        return net.join([net.register(w) for w in net.fork(i, 2)])

    found = played(4, part, each=True, ready=np.arange(20) >= 6)
    assert found.ends.tolist() == [6, 7, 8, 9] and found.first == 0


def test_a_fork_may_begin_late():
    """Constants that differ come from a memory, which has its first word in cycle 1."""
    found = played(3, lambda net, i: net.gate(i, 1, np.array([1, 2])), each=True)
    assert found.ends.tolist() == [1, 2, 3] and found.first == 1
