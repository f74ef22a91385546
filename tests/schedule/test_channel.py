"""Channels as rows of integers: each operation by hand."""

import numpy as np
import pytest

from qhw.schedule import channel as of


@pytest.fixture
def ch():
    """Two channels: the second has a ring of four moves from 2 on, and three beats an inference."""
    made = np.zeros((2, of.FIELDS), np.int64)
    made[1, [of.OFFSET, of.MASK, of.BEATS, of.READER, of.WRITER]] = 2, 3, 3, 1, 2
    return made


def fresh(parts):
    todo = np.zeros(3 + 2 * parts, np.int64)
    todo[2] = parts
    return todo


def test_parts_are_queued_once_and_in_order():
    todo = fresh(3)
    for part in (2, 0, 2, 1, 0):
        of.ask(todo, part)
    assert todo[0] == 3 and [of.asked(todo, k) for k in range(3)] == [2, 0, 1]
    assert todo[0] == 0
    of.ask(todo, 1)                     # the queue goes on at its beginning
    assert of.asked(todo, 0) == 1


def test_columns_are_all_different():
    names = ("OFFERED", "OFFERS", "MOVED", "OFFSET", "MASK", "BEATS", "INFERENCE", "PLACE",
             "READER", "WRITER")
    assert sorted(getattr(of, n) for n in names) == list(range(of.FIELDS))
    parts = [of.A, of.B, of.C, of.D, of.E, of.I0, of.I1, of.O0, of.O1, of.TABLE, of.S0]
    assert parts == list(range(1, 12)) and len({*of.Kind}) == 16


def test_a_beat_is_offered_and_moves(ch):
    todo, ring, marks = fresh(3), np.zeros(6, np.int64), np.zeros(2, np.int64)
    assert of.free(ch, 1) and of.after(ch, ring, 1, 5) == 5
    of.offer(ch, todo, 1, 7)
    assert (ch[1, of.OFFERED], ch[1, of.OFFERS], of.asked(todo, 0)) == (7, 1, 1)
    assert not of.free(ch, 1)
    of.move(ch, ring, todo, marks, 10, 1, 8)
    assert of.free(ch, 1) and of.asked(todo, 1) == 2 and of.at(ch, ring, 1, 0) == 8
    assert [of.after(ch, ring, 1, t) for t in (3, 9, 12)] == [9, 9, 12]


def test_moves_are_kept_in_a_ring(ch):
    todo, ring, marks = fresh(3), np.zeros(6, np.int64), np.zeros(9, np.int64)
    for t in (3, 4, 6, 7, 9):
        of.move(ch, ring, todo, marks, 0, 1, t)
    assert ring.tolist() == [0, 0, 9, 4, 6, 7]
    assert [of.at(ch, ring, 1, n) for n in (1, 2, 3, 4)] == [4, 6, 7, 9]
    assert (ch[1, of.MOVED], ch[1, of.INFERENCE], ch[1, of.PLACE]) == (5, 1, 2)


def test_marks_are_of_cycles_from_an_inferences_beginning(ch):
    """Inferences of three beats, ten cycles apart; in the third a beat moves a cycle later."""
    todo, ring, marks = fresh(3), np.zeros(6, np.int64), np.zeros(3, np.int64)
    for t in (1, 2, 3, 11, 12, 13, 21, 23, 24, 99):
        of.move(ch, ring, todo, marks, 10, 1, t)
    assert marks[0] == marks[1] != marks[2] and marks[0] != 0
