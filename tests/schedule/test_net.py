"""The model by hand: in which cycles beats move where streams part and meet."""

import numpy as np
import pytest

from qhw.schedule import Net


def parted(depth, count, **more):
    """A beat goes one way through a queue, the other in two halves, which take two cycles."""
    net = Net(**more)
    a, b = net.fork(net.source(count), 2)
    net.sink(net.join([net.queue(a, depth, "queue"), net.widen(net.narrow(b, 2), 2)]))
    return net


@pytest.mark.parametrize(("depth", "leaves"), [
    # Halves of beat 0 are there in cycles 1 and 2, all of it in 3, and the sum in 4. The second
    # half of a beat leaves as the next beat comes, so one can leave every two cycles,
    (2, [4, 6, 8, 10, 12]),
    # but with one entry beat 1 waits until 4, after beat 0 has left in 3; so beat 2 is offered in
    # 5, not in 4, and is there as a whole in 8.
    (1, [4, 6, 9, 11, 14])])
def test_a_fork_and_a_join(depth, leaves):
    assert parted(depth, 5).play(1, each=True).ends.tolist() == leaves


def test_how_deep_a_queue_has_been():
    """Beat 1 is there from 2 on and beat 2 comes in 3, as beat 0 leaves: no room is there yet."""
    assert parted(9, 5).play(1).deepest == {"queue": 3}


def test_inferences_follow_each_other():
    played = parted(2, 5).play(6, period=10)
    assert played.cycles.tolist() == [13 + 10 * k for k in range(6)]
    assert (played.marks[1:] == played.marks[1]).all()
    late = parted(1, 5).play(6, period=10).marks
    assert not (late[1:] == late[1]).all()


def test_pauses_by_hand():
    """Beat 0 is offered in 2, beat 1 in 3, beat 2 in 3 + 1 + 2; nothing is taken before 9."""
    net = Net()
    net.sink(net.queue(net.source(3), 2))
    played = net.play(1, gaps=np.array([2, 0, 2]), ready=np.arange(20) > 8, each=True)
    assert (played.first, played.ends.tolist()) == (2, [9, 10, 11])


def locked(depth, stages, worst):
    """One way needs two beats for one, the other holds them in registers that move together."""
    net = Net(worst=worst)
    a, b = net.fork(net.source(4), 2)
    b = net.narrow(net.widen(b, 4), 4)
    net.sink(net.join([net.queue(net.pipeline(a, stages), depth, "queue"), b]))
    return net.play(1)


def test_registers_that_move_together_hold_one_beat_at_worst():
    """Three registers and an entry hold what four beats need at full speed, but not if pauses come
    between them: then the first one waits at the end, and no other can come in."""
    assert len(locked(1, 3, worst=False).ends) == 1
    stopped = locked(1, 3, worst=True)
    assert not len(stopped.ends) and stopped.full == ("queue",)
    assert len(locked(3, 3, worst=True).ends) == 1


def test_registers_that_move_together_stand_until_the_last_one_is_taken():
    """Beat 0 is at the end of one register in cycle 1. The other way gives it in 3, after beat 1
    came to it in 1; until 3 nothing moves up, so beat 1 leaves the fork in 3 only, and both are
    there in 4. The sums follow in 4 and 5, and the next two begin in 4 as the first two did in 0.
    """
    net = Net()
    a, b = net.fork(net.source(6), 2)
    net.sink(net.join([net.pipeline(a, 1), net.narrow(net.widen(b, 2), 2)]))
    assert net.play(1, each=True).ends.tolist() == [4, 5, 8, 9, 12, 13]


def test_pauses_show_what_the_worst_case_says():
    net = Net()
    a, b = net.fork(net.source(4), 2)
    b = net.narrow(net.widen(b, 4), 4)
    net.sink(net.join([net.queue(net.pipeline(a, 3), 1), b]))
    assert len(net.play(1).ends) == 1
    assert not len(net.play(1, gaps=np.array([0, 9, 9, 9])).ends)
