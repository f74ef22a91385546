"""The search's decisions one by one: hand-worked steps, limits, and every path of small ones."""


import numpy as np
import pytest

from qhw.fold import search
from qhw.fold.search import KINDS, Limits, Move, Path, Trellis, cheapest, fastest, pareto

INF = np.inf


def move(to, cycles, luts, brams=0, dsps=0, choice=None):
    return Move(to, cycles, np.array([luts, brams, dsps], float), choice)


def limits(*most, weights=(1, 1, 1)):
    return Limits(np.array(most, float), np.array(weights, float))


def steps(*every):
    """A trellis from moves by state, a dictionary a step."""
    made = Trellis("start")
    for moves in every:
        made.add(moves.__getitem__)
    return made


def two():
    """Two steps: A (4 cycles, 5 LUTs) or B (2, 9), then from A c (1, 2), from B d (3, 1), e (2, 4).

    Paths: A c 4 cycles 7 LUTs; B d 3 cycles 10 LUTs; B e 2 cycles 13 LUTs.
    """
    return steps({"start": [move("a", 4, 5, choice="A"), move("b", 2, 9, choice="B")]},
                 {"a": [move("end", 1, 2, choice="c")],
                  "b": [move("end", 3, 1, choice="d"), move("end", 2, 4, choice="e")]})


@pytest.mark.parametrize(("most", "weights", "kinds"), [
    ((4, 5, 0), (2, 3, 5), [0, 1, 2]), ((INF, INF, INF), (2, 3, 5), [0, 1, 2]),
    ((INF, INF, INF), (2, 0, 5), [0, 2]), ((4, INF, INF), (0, 0, 5), [0, 2]),
    ((INF, 7, INF), (1, 0, 0), [0, 1])])
def test_labels_are_compared_in_kinds_with_a_limit_or_a_weight(most, weights, kinds):
    made = limits(*most, weights=weights)
    assert made.views.tolist() == np.eye(3)[:, kinds].tolist()
    assert made.room.tolist() == [most[k] for k in kinds]


def test_what_is_scarce_counts_more():
    """Of half of the LUTs and a tenth of the blocks, a twentieth more of the blocks adds .0125 to
    the squares, a twentieth more of the LUTs .0525."""
    made = limits(INF, INF, INF, weights=(1 / 100, 1 / 40, 1 / 8))
    assert made.hardware(np.array([[60, 32, 0], [0, 0, 8]])).tolist() == [1, 1]
    squares = made.hardware(np.array([[50, 4, 0], [50, 6, 0], [55, 4, 0]])) ** 2
    assert squares.tolist() == pytest.approx([.26, .2725, .3125])


@pytest.mark.parametrize(("most", "shares", "together"), [
    ((4, INF, 5), (1 / 4, 0, 1 / 5), 2),    # 4 / 4 + 5 / 5
    ((4, 0, INF), (1 / 4, 1, 0), 1),        # of nothing no share can be had: 4 / 4 + 0
    ((INF, INF, INF), (0, 0, 0), 0)])
def test_bounds_are_each_kind_and_all_together(most, shares, together):
    factors, reach = limits(*most).bounds
    assert factors[:, :3].tolist() == np.eye(3).tolist()
    assert factors[:, 3].tolist() == list(shares)
    assert reach.tolist() == [*most, together]


def test_paces_begin_at_the_slowest_of_the_fastest_moves():
    """The first step takes 2 cycles at least, the second 1; 1 is therefore no pace."""
    assert two().paces == [2, 3, 4]


def test_what_lies_ahead_is_the_least_that_follows():
    """In 3 cycles A is too slow; from b it is 1 LUT, from a 2, from the start 9 + 1."""
    ahead = two().ahead(3, np.array([[1], [0], [0]]))
    assert [place.tolist() for place in ahead] == [[[10]], [[2], [1]], [[0]]]
    ahead = two().ahead(2, np.array([[10], [0], [0]]))
    assert [place.tolist() for place in ahead] == [[[130]], [[20], [40]], [[0]]]
    assert two().ahead(1, np.array([[1], [0], [0]]))[0].tolist() == [[INF]]


@pytest.mark.parametrize(("cycles", "luts", "possible"), [
    (4, 7, True), (4, 6, False), (3, 10, True), (3, 9, False), (2, 13, True), (2, 12, False),
    (1, INF, False)])
def test_bounds_say_what_is_impossible(cycles, luts, possible):
    assert two().possible(cycles, limits(luts, INF, INF)) == possible


def test_kinds_together_say_more_than_each_by_itself():
    """Of (8, 0), (0, 8) and (5, 5) none is within (4, 4): 5 / 4 + 5 / 4 is over 2, and so are the
    others; of (3, 0) and (0, 3) both kinds have a path, one each."""
    def either(*costs):
        return steps({"start": [move("end", 1, luts, brams) for luts, brams in costs]})
    assert not either((9, 0), (0, 9), (5, 5)).possible(1, limits(4, 4, INF))
    assert either((8, 0), (0, 8), (5, 5)).possible(1, limits(4, 4, INF))    # 8 / 4 is 2
    assert either((3, 0), (0, 3)).possible(1, limits(3, 3, INF))


@pytest.mark.parametrize(("cycles", "luts", "choices", "cost"), [
    (9, 99, ["A", "c"], 7), (4, 7, ["A", "c"], 7), (3, 99, ["B", "d"], 10),
    (2, 13, ["B", "e"], 13), (2, 12, None, None), (4, 6, None, None), (1, 99, None, None)])
def test_the_cheapest_by_hand(cycles, luts, choices, cost):
    path = cheapest(two(), cycles, limits(luts, INF, INF))
    assert (path and path.choices) == choices
    if path:
        assert path.cost.tolist() == [cost, 0, 0] and path.exact
        assert path.cycles == {7: 4, 10: 3, 13: 2}[cost]


@pytest.mark.parametrize(("luts", "choices", "cycles"), [
    (99, ["B", "e"], 2), (13, ["B", "e"], 2), (12, ["B", "d"], 3), (10, ["B", "d"], 3),
    (9, ["A", "c"], 4), (7, ["A", "c"], 4), (6, None, None)])
def test_the_fastest_by_hand(luts, choices, cycles):
    answer = fastest(two(), limits(luts, INF, INF))
    assert (answer and answer.path.choices) == choices
    if answer:
        assert (answer.path.cycles, answer.bound, answer.exact) == (cycles, cycles, True)


def test_a_limit_of_nothing_is_a_limit():
    one = steps({"start": [move("end", 1, 3, 1, choice="fast"), move("end", 5, 3, choice="slow")]})
    assert fastest(one, limits(INF, 0, INF)).path.choices == ["slow"]
    assert fastest(one, limits(INF, 1, INF)).path.choices == ["fast"]
    assert cheapest(one, 4, limits(INF, 0, INF)) is None


@pytest.mark.parametrize(("weights", "choice"), [
    ((1, 1, 1), "luts"), ((1, 9, 1), "luts"), ((3, 1, 1), "brams"), ((3, 4, 1), "dsps")])
def test_weights_say_which_kind_is_cheap(weights, choice):
    """(4, 0, 0) or (0, 5, 0) to one end, (0, 0, 6) to another."""
    one = steps({"start": [move(1, 1, 4, choice="luts"), move(1, 1, 0, 5, choice="brams"),
                           move(2, 1, 0, 0, 6, choice="dsps")]})
    for most in ((INF, INF, INF), (9, 9, 9), (INF, 9, INF)):
        assert cheapest(one, 1, limits(*most, weights=weights)).choices == [choice]


def test_what_is_guessed_is_found_out_once_and_may_lose():
    """The whole matrix is said to cost 3 at least; found out it costs 3 + 5, more than the 6 of
    the other. What costs 0 more stays."""
    asked = []

    def more(luts):
        def find():
            asked.append(luts)
            return np.array([luts, 0, 0], float)
        return find

    def guessed(luts):
        one = steps({"start": [move("end", 1, 3, choice="whole"),
                               move("end", 2, 6, choice="fold")]})
        one.guessed["whole"] = more(luts)
        return one

    assert cheapest(guessed(5), 2, limits(99, INF, INF)).choices == ["fold"] and asked == [5]
    assert cheapest(guessed(0), 2, limits(99, INF, INF)).choices == ["whole"] and asked == [5, 0]
    answer = fastest(guessed(5), limits(7, INF, INF))
    assert answer.path.choices == ["fold"] and answer.bound == 2
    answer = fastest(guessed(4), limits(7, INF, INF))
    assert answer.path.choices == ["whole"] and answer.path.cost.tolist() == [7, 0, 0]


def test_settling_says_whether_there_was_anything():
    one = steps({"start": [move("end", 1, 3, choice="a"), move("end", 1, 4, choice="b")]},
                {"end": [move("over", 1, 1, choice="a"), move("over", 1, 2, choice="c")]})
    one.guessed |= {"a": lambda: np.array([10., 1, 0]), "b": lambda: np.array([1., 1, 1])}
    assert one.settle(Path(["a", "c"], 1, np.zeros(3), True))
    assert one.steps[0].cost.tolist() == [[13, 1, 0], [4, 0, 0]]
    assert one.steps[1].cost.tolist() == [[11, 1, 0], [2, 0, 0]]
    assert not one.settle(Path(["a", "c"], 1, np.zeros(3), True)) and list(one.guessed) == ["b"]


def test_of_rows_alike_the_first_is_kept_and_the_order_stays():
    rows = np.array([[3, 1], [1, 3], [3, 1], [2, 2], [2, 3], [1, 3]], float)
    assert pareto(rows).tolist() == [0, 1, 3]
    assert pareto(np.array([[5.], [4], [4]])).tolist() == [1]
    rows = np.array([[2, 2, 2], [1, 1, 9], [1, 9, 1], [9, 1, 1], [2, 2, 1], [2, 2, 2]], float)
    assert pareto(rows).tolist() == [1, 2, 3, 4]


def test_of_too_many_labels_those_with_most_room_are_kept(monkeypatch):
    """Three that nothing betters, of shares (8/10, 2/20), (4/10, 10/20), (1/10, 14/20) with what
    follows: the fullest kind is .8, .5 and .7."""
    values, follows, most = np.array([[7., 2], [3, 10], [0, 14]]), np.array([1., 0]), limits(
        10, 20, weights=(1, 1))
    monkeypatch.setattr(search, "KINDS", KINDS[:2])
    for count, kept, exact in ((3, [0, 1, 2], True), (2, [1, 2], False), (1, [1], False)):
        monkeypatch.setattr(search, "MOST_LABELS", count)
        found, all_kept = search._kept(values, follows, most)
        assert (found.tolist(), all_kept) == (kept, exact)


@pytest.mark.parametrize(("room", "kept"), [(11, [0]), (9, [0]), (8.5, [])])
def test_labels_at_the_limit_fit(room, kept):
    """Of 8, 9 and 10 the first, which with the 1 that follows is 9."""
    values = np.array([[8.], [9], [10]])
    made = Limits(np.array([room, INF, INF]), np.array([1., 0, 0]))
    found, exact = search._kept(np.column_stack([values, values]), np.array([1., 1]), made)
    assert (found.tolist(), exact) == (kept, True)


FIRST = [move("a", 1, 5, 1, choice="X"), move("a", 1, 2, 2, choice="Y")]
SECOND = [move("end", 1, 5, 0, choice="p"), move("end", 1, 0, 5, choice="q")]


@pytest.mark.parametrize(("most", "second", "wanted"), [
    # X q is (5, 6); Y p is (7, 2) and Y q (2, 7), but of one label Y is kept, which is less full.
    (2, SECOND, (["X", "q"], 1, 1, True)), (1, SECOND, None),
    # What is slow and free still ends; nobody knows whether 1 cycle could be had.
    (1, [*SECOND, move("end", 5, 0, choice="r")], (["Y", "r"], 5, 1, False)),
    (2, [*SECOND, move("end", 5, 0, choice="r")], (["X", "q"], 1, 1, True)),
    # Found in 1 cycle, below which nothing is, but another label might have been cheaper.
    (1, [move("end", 1, 0, 1, choice="m")], (["Y", "m"], 1, 1, False))])
def test_what_was_left_out_leaves_a_bound(most, second, wanted, monkeypatch):
    monkeypatch.setattr(search, "MOST_LABELS", most)
    answer = fastest(steps({"start": FIRST}, {"a": second}), limits(6, 6, INF))
    assert (answer and (answer.path.choices, answer.path.cycles, answer.bound, answer.exact)
            ) == wanted


def test_none_of_the_labels_kept_is_not_none_at_all(monkeypatch):
    both = steps({"start": FIRST}, {"a": SECOND})
    assert cheapest(both, 1, limits(6, 5, INF)) is None     # X q is (5, 6)
    monkeypatch.setattr(search, "MOST_LABELS", 1)
    path = cheapest(both, 1, limits(6, 6, INF))
    assert (path.choices, path.exact) == ([], False)


def brute(trellis):
    """(cycles, cost, choices) of every path."""
    paths = [(0, 0, np.zeros(3), [])]
    for step in trellis.steps:
        paths = [(int(step.to[e]), max(c, int(step.cycles[e])), cost + step.cost[e],
                  [*choices, step.choices[e]])
                 for at, c, cost, choices in paths for e in np.flatnonzero(step.source == at)]
    return [path[1:] for path in paths]


@pytest.mark.parametrize("seed", range(12))
def test_choices_cost_and_cycles_belong_to_one_path(seed):
    """Choices are unique, so the path said is one of all, with its own cost and its own cycles."""
    rng = np.random.default_rng(seed)
    made = Trellis(0)
    for k in range(4):
        after = int(rng.integers(1, 4))
        moves = {s: [Move(int(rng.integers(after)), int(rng.integers(1, 7)),
                          rng.integers(0, 9, 3).astype(float), (k, s, e)) for e in range(3)]
                 for s in made.states}
        made.add(moves.__getitem__)
    every = {tuple(choices): (cycles, cost.tolist()) for cycles, cost, choices in brute(made)}
    assert made.paces[0] <= min(cycles for cycles, _ in every.values())
    for most in ((INF, INF, INF), (INF, 14, INF), (16, 16, 16)):
        for pace in range(1, 8):
            path = cheapest(made, pace, limits(*most, weights=(1, 2, 3)))
            if path:
                assert every[tuple(path.choices)] == (path.cycles, path.cost.tolist())
                assert path.cycles <= pace and (path.cost <= most).all()


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_pareto(columns):
    for seed in range(50):
        rows = np.random.default_rng(seed).integers(0, 6, (40, columns)).astype(float)
        kept = pareto(rows)
        best = {tuple(r) for r in rows if not any(
            (other <= r).all() and (other < r).any() for other in rows)}
        assert sorted(map(tuple, rows[kept])) == sorted(best)


@pytest.mark.parametrize("seed", range(30))
def test_search_among_random_steps(seed):
    """Against all paths, with several kinds limited, and with few labels kept."""
    rng = np.random.default_rng(seed)
    steps, widths = Trellis(0), [1, *rng.integers(1, 4, 4)]
    for k, width in enumerate(widths[1:]):
        moves = {s: [Move(int(rng.integers(width)), int(rng.integers(1, 9)),
                          rng.integers(0, 12, 3).astype(float), (k, s, e)) for e in range(3)]
                 for s in range(widths[k])}
        steps.add(moves.__getitem__)
    paths = [(0, 0, np.zeros(3))]
    for step in steps.steps:
        paths = [(int(step.to[e]), max(c, step.cycles[e]), cost + step.cost[e])
                 for at, c, cost in paths for e in np.flatnonzero(step.source == at)]
    costs, cycles = np.array([p[2] for p in paths]), np.array([p[1] for p in paths])
    most = np.where(rng.integers(3, size=3), np.quantile(costs, rng.uniform(.05, .5), axis=0),
                    np.inf)
    room, fits = Limits(most, np.array([1., 2, 3])), (costs <= most).all(axis=1)
    answer = fastest(steps, room)
    assert (answer is None) == (not fits.any())
    if answer:
        assert answer.exact and answer.path.cycles == answer.bound == cycles[fits].min()
        same = fits & (cycles == cycles[fits].min())
        least = np.linalg.norm(costs[same] * room.weights, axis=1).min()
        assert np.linalg.norm(answer.path.cost * room.weights) == pytest.approx(least)
    for pace in range(1, 9):
        path, fast = cheapest(steps, pace, room), fits & (cycles <= pace)
        assert (path is None) == (not fast.any())
        if path:
            least = np.linalg.norm(costs[fast] * room.weights, axis=1).min()
            assert np.linalg.norm(path.cost * room.weights) == pytest.approx(least)


@pytest.mark.parametrize("seed", range(30))
def test_what_is_not_exact_says_so_and_has_a_bound(seed, monkeypatch):
    monkeypatch.setattr(search, "MOST_LABELS", 1)
    rng = np.random.default_rng(seed)
    steps = Trellis(0)
    for _ in range(4):
        moves = [Move(0, int(rng.integers(1, 9)), rng.integers(0, 12, 3).astype(float), None)
                 for _ in range(6)]
        steps.add(lambda state, moves=moves: moves)
    room = Limits(np.array([20., 20, 22]), np.ones(3))
    answer = fastest(steps, room)
    monkeypatch.setattr(search, "MOST_LABELS", 10**6)
    best = fastest(steps, room)
    if best is None:
        assert answer is None
    elif answer is not None:
        assert answer.bound <= best.bound <= answer.path.cycles
        assert not answer.exact or answer.path.cycles == best.path.cycles
