"""Where a diagram's boxes and lines go: in order, apart, and none through another."""

from itertools import pairwise

import numpy as np
import pytest

from qhw.report.layout import Box, arrange, laned, ranked

HEIGHTS = (44, 60, 108)


def network(seed: int, count: int = 24) -> list[Box]:
    """Boxes of which some read two or three others, all of them on a way to the last."""
    rng = np.random.default_rng(seed)
    sources: list[set[int]] = [set()]
    for k in range(1, count):
        unread = sorted(set(range(k)) - set().union(*sources))
        some = {int(rng.integers(max(0, k - 6), k)) for _ in range(int(rng.integers(1, 3)))}
        sources.append(set(unread) if k == count - 1 else some | set(unread[:-3]) or {k - 1})
    return [Box(148, float(rng.choice(HEIGHTS)), 40, tuple(sorted(s))) for s in sources]


def chain(count: int) -> list[Box]:
    return [Box(148, 60, 40, (k - 1,) if k else ()) for k in range(count)]


def pieces(line):
    """The straight pieces of a line: from, to, both ordered."""
    return [((min(a[0], b[0]), min(a[1], b[1])), (max(a[0], b[0]), max(a[1], b[1])))
            for a, b in pairwise(line)]


def through(piece, place, box: Box) -> bool:
    (a, b), (c, d) = piece
    return (a < place[0] + box.along - 1 and c > place[0] + 1
            and b < place[1] + box.across / 2 - 1 and d > place[1] - box.across / 2 + 1)


@pytest.fixture(params=range(12))
def boxes(request):
    return network(request.param)


@pytest.mark.parametrize("limit", [float("inf"), 1120, 690, 200])
def test_no_line_runs_through_a_box_and_no_two_boxes_meet(boxes, limit):
    found = arrange(boxes, limit)
    for line in found.lines:
        for piece in pieces(line):
            assert piece[0][0] == piece[1][0] or piece[0][1] == piece[1][1]
            assert not any(through(piece, place, box)
                           for place, box in zip(found.places, boxes, strict=True))
    for k, (x, y) in enumerate(found.places):
        for other in range(k):
            a, b = found.places[other]
            assert abs(x - a) >= 148 or abs(y - b) >= (boxes[k].across + boxes[other].across) / 2


@pytest.mark.parametrize("limit", [float("inf"), 690])
def test_lines_lead_from_each_source_to_its_reader(boxes, limit):
    found = arrange(boxes, limit)
    ends = sorted((source, k) for k, box in enumerate(boxes) for source in box.sources)
    for (source, to), line in zip(ends, found.lines, strict=True):
        assert line[0] == (found.places[source][0] + 148, found.places[source][1])
        assert line[-1][0] == found.places[to][0]
        assert line[-1][1] >= found.places[to][1]
        assert all(0 <= x <= found.length for x, _ in line)


def test_ranks_follow_each_other(boxes):
    ranks = ranked([box.sources for box in boxes])
    assert all(ranks[source] < ranks[k] for k, box in enumerate(boxes) for source in box.sources)
    lanes, _ = laned([box.sources for box in boxes], ranks)
    assert len(set(zip(ranks, lanes, strict=True))) == len(boxes)


def test_a_chain_is_a_straight_line():
    found = arrange(chain(9))
    assert len(found.rows) == 1
    assert {y for line in found.lines for _, y in line} == {30}


def test_a_long_chain_is_written_like_text():
    found = arrange(chain(30), 1120)
    assert found.length <= 1120
    assert len(found.rows) == 6
    assert [end for _, end in found.rows[:-1]] == [begin for begin, _ in found.rows[1:]]


def test_a_skipping_line_has_its_own_lane():
    found = arrange([Box(148, 60, 40, s) for s in ((), (0,), (1,), (2, 0))])
    straight, skip, *_ = found.lines
    assert len(straight) == 2
    assert max(y for _, y in skip) > found.places[1][1] + 30


def test_nothing():
    assert arrange([]).lines == []


def test_lines_of_different_sources_do_not_run_on_top_of_each_other(boxes):
    found = arrange(boxes, 690)
    ends = sorted((source, k) for k, box in enumerate(boxes) for source in box.sources)
    runs = [(source, piece) for (source, _), line in zip(ends, found.lines, strict=True)
            for piece in pieces(line)]
    for one, ((a, b), (c, d)) in runs:
        for other, ((e, f), (g, h)) in runs:
            if one != other and (a == c == e == g or b == d == f == h):
                assert (min(c, g) - max(a, e) if b == d else min(d, h) - max(b, f)) <= 1
