"""The scheduler: no matter in which order it visits the parts, and what it says at the end."""

import numpy as np
import pytest

from qhw.schedule import Net


def net(kind):
    """Streams that part and meet; of the last kind they stop, as a queue is too small."""
    made = Net()
    a, b = made.fork(made.source(4), 2)
    if kind == "stops":
        made.sink(made.join([made.queue(a, 1), made.narrow(made.widen(b, 4), 4)]))
        return made
    a, b = made.queue(a, 5, "queue"), made.widen(made.narrow(b, 2), 2)
    made.sink(made.join([a, b]) if kind == "join" else made.concat(
        [a, made.queue(b, 5)], [4, 4]))
    return made


@pytest.mark.parametrize("kind", ["join", "concat", "stops"])
def test_the_order_of_the_parts_does_not_matter(kind):
    want = net(kind).play(3, period=12)
    for seed in range(6):
        mixed = net(kind)
        order = np.random.default_rng(seed).permutation(len(mixed._cells)).tolist()
        mixed._cells = [mixed._cells[k] for k in order]
        mixed._queues = {}
        found = mixed.play(3, period=12)
        assert found.ends.tolist() == want.ends.tolist() and found.first == want.first
        assert found.marks.tolist() == want.marks.tolist() and found.moves == want.moves


def test_a_run_that_stops_says_what_it_did():
    """Four beats gather on one way, but the other holds two: no inference ends."""
    found = net("stops").play(3)
    assert (len(found.ends), found.first) == (0, 0)
    assert len(net("join").play(3).ends) == 3
