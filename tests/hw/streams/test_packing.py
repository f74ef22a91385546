"""How elements lie in beats, and that every way from one packing to another keeps them."""

from itertools import chain, product

import numpy as np
import pytest

from qhw.hw.streams.packing import Packing, converted, port


def packed(packing, size):
    """The elements of each beat, one by one."""
    beats = []
    for k in range(size):
        if k % packing.vector % packing.lanes == 0:
            beats.append([])
        beats[-1].append(k)
    return beats


@pytest.mark.parametrize(("lanes", "vector", "beats", "firsts"), [
    (3, 7, 6, [0, 3, 6, 7, 10, 13]), (7, 7, 2, [0, 7]), (4, 7, 4, [0, 4, 7, 11])])
def test_a_beat_of_its_own_for_each_vector(lanes, vector, beats, firsts):
    one = Packing.of(lanes, vector)
    assert one.full == (lanes == vector)
    assert one.beats(14) == beats and one.firsts(14).tolist() == firsts


def moved(beats, i, o, vector):
    """What a converter that counts ``vector`` elements, 0 for beats that are full, makes of these
    beats of ``i`` lanes: the narrow ones of a wide one lie together."""
    narrow, wide = sorted((i, o))
    if i < o:
        each = -(-(vector or wide) // narrow)
        made = []
        for k in range(0, len(beats), each):
            one = beats[k:k + each]
            for j in range(0, each, -(-wide // narrow)):
                made.append([*chain(*one[j:j + -(-wide // narrow)])])
        return made
    return [beat[k:k + narrow] for beat in beats for k in range(0, len(beat), narrow)]


PACKINGS = [Packing.of(lanes, vector) for vector in (6, 7, 12) for lanes in range(1, vector + 1)]


@pytest.mark.parametrize(("i", "o"), [*product(PACKINGS[::2], PACKINGS[::3])])
def test_every_way_keeps_the_elements(i, o):
    size = 2 * 6 * 7 * 12
    beats, before = packed(i, size), i
    for step, vector in converted(i, o):
        assert step.lanes != before.lanes
        beats, before = moved(beats, before.lanes, step.lanes, vector), step
        assert beats == packed(step, size)
        rates = [p.beats(size) for p in (i, o)]
        assert step.beats(size) <= max(rates), "slower than both ends"
    assert before == o and len(converted(i, o)) <= 4


def test_ways_by_hand():
    assert converted(Packing.of(3, 10), Packing(1, 1)) == [(Packing(1, 1), 10)]
    assert converted(Packing.of(3, 10), Packing(10, 10)) == [(Packing(10, 10), 10)]
    assert converted(Packing(4, 4), Packing(6, 6)) == [(Packing(12, 12), 0), (Packing(6, 6), 0)]
    assert converted(Packing.of(3, 17), Packing.of(4, 17)) == [
        (Packing(12, 17), 17), (Packing(4, 17), 17)]


@pytest.mark.parametrize(("inside", "lanes"), [
    (Packing(4, 4), 4), (Packing(3, 10), 10), (Packing(4, 13), 13), (Packing(4, 18), 6),
    (Packing(7, 12), 12)])
def test_beats_at_a_port_are_full(inside, lanes):
    """12 at most between 6 and 4 lanes is less than 18."""
    assert port(inside) == Packing(lanes, lanes)


def test_firsts_are_where_beats_begin():
    one = Packing.of(5, 12)
    assert [beat[0] for beat in packed(one, 36)] == one.firsts(36).tolist()
    assert np.diff(one.firsts(36)).max() == 5
