"""Where labels go: inside, apart, off the points and lines, and nearest to their own point."""

from itertools import combinations, pairwise
from math import hypot

import numpy as np
import pytest

from qhw.report.labels import NEAR, Box, along, placed

AREA = Box(0, 0, 600, 300)
SIZE = (50.0, 11.0)


def box(label, points, size=SIZE):
    """The rectangle of a label."""
    (x, y), (dx, dy) = points[label.point], label.offset
    left, bottom = x + dx - size[0] * label.across / 2, y + dy - size[1] * label.up / 2
    return Box(left, bottom, left + size[0], bottom + size[1])


def place(points, lines=(), area=AREA):
    return list(placed(points, [SIZE] * len(points), range(len(points)), area, lines))


@pytest.fixture(params=range(6))
def points(request):
    rng = np.random.default_rng(request.param)
    return [tuple(p) for p in rng.normal((300, 150), (90, 40), (24, 2)).clip(5, (595, 295))
            .tolist()]


def test_all_are_there_and_clear_of_everything(points):
    lines = [points[3], (points[9][0], points[3][1]), points[9]]
    found = place(points, lines)
    assert sorted(label.point for label in found) == list(range(len(points)))
    boxes = [box(label, points) for label in found]
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
    for one in boxes:
        assert one.within(AREA)
        assert one.distances(np.array(points)).min() >= 5
        for a, b in pairwise(lines):
            assert one.distances(np.array(along(a, b))).min() >= 1


@pytest.mark.parametrize("seed", range(6))
def test_no_leader_runs_through_a_label(seed):
    """Where points are so close together that most labels are far away."""
    rng = np.random.default_rng(seed)
    points = [tuple(p) for p in rng.normal((300, 150), 25, (24, 2)).tolist()]
    found = place(points)
    assert sum(label.led for label in found) > 9
    for label in found:
        (x, y), (dx, dy) = points[label.point], label.offset
        assert label.led == (hypot(dx, dy) > NEAR + 1)
        path = np.array(along((x, y), (x + dx, y + dy)))
        assert not label.led or all(box(other, points).distances(path).min() > 0
                                    for other in found if other is not label)


def test_a_point_alone_has_its_label_to_the_right():
    label, = place([(300, 150)])
    assert label.offset == (NEAR, 0) and (label.across, label.up, label.led) == (0, 1, False)


def test_at_the_right_edge_it_stands_to_the_left():
    label, = place([(590, 150)])
    assert label.offset[0] < 0 and label.across == 2


def test_a_label_is_not_taken_for_another_points():
    """At the right of the first, the second would be nearer."""
    found = {label.point: label for label in place([(300, 150), (364, 150)])}
    for k, other in ((0, (364, 150)), (1, (300, 150))):
        own = box(found[k], [(300, 150), (364, 150)])
        to = own.distances(np.array([((300, 150), (364, 150))[k], other]))
        assert to[0] <= to[1]


def test_what_finds_no_room_is_left_out():
    assert place([(20, 20)], area=Box(0, 0, 40, 40)) == [] and place([]) == []
    assert len(place([(60, 20)] * 9, area=Box(0, 0, 120, 40))) < 9
