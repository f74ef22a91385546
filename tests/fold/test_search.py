"""The search's decisions one by one: hand-worked steps, limits, and every path of small ones."""


import numpy as np
import pytest

from qhw.fold import search
from qhw.fold.limits import Limits
from qhw.fold.search import Search, pareto
from qhw.fold.trellis import Move, Trellis
from tests.fold.moves import INF, limits, move, steps, two


def cheapest(trellis, cycles, limits):
    return Search(trellis, limits).cheapest(cycles)


def fastest(trellis, limits):
    return Search(trellis, limits).fastest()


@pytest.mark.parametrize(("cycles", "luts", "possible"), [
    (4, 7, True), (4, 6, False), (3, 10, True), (3, 9, False), (2, 13, True), (2, 12, False),
    (1, INF, False)])
def test_bounds_say_what_is_impossible(cycles, luts, possible):
    assert Search(two(), limits(luts, INF, INF)).possible(cycles) == possible


def test_kinds_together_say_more_than_each_by_itself():
    """Of (8, 0), (0, 8) and (5, 5) none is within (4, 4): 5 / 4 + 5 / 4 is over 2, and so are the
    others; of (3, 0) and (0, 3) both kinds have a path, one each."""
    def either(*costs):
        return steps({"start": [move("end", 1, luts, brams) for luts, brams in costs]})
    assert not Search(either((9, 0), (0, 9), (5, 5)), limits(4, 4, INF)).possible(1)
    assert Search(either((8, 0), (0, 8), (5, 5)), limits(4, 4, INF)).possible(1)    # 8 / 4 is 2
    assert Search(either((3, 0), (0, 3)), limits(3, 3, INF)).possible(1)


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


def test_of_rows_alike_the_first_is_kept_and_the_order_stays():
    rows = np.array([[3, 1], [1, 3], [3, 1], [2, 2], [2, 3], [1, 3]], float)
    assert pareto(rows).tolist() == [0, 1, 3]
    assert pareto(np.array([[5.], [4], [4]])).tolist() == [1]
    rows = np.array([[2, 2, 2], [1, 1, 9], [1, 9, 1], [9, 1, 1], [2, 2, 1], [2, 2, 2]], float)
    assert pareto(rows).tolist() == [1, 2, 3, 4]


def test_of_too_many_labels_those_of_least_rank_are_kept():
    """Three to a state that nothing betters, one that another betters, and one to another state."""
    made = Search(two(), limits(10, 20, INF))
    costs = np.array([[7., 2, 0], [3, 10, 0], [0, 14, 0], [7, 3, 0], [9, 9, 0]])
    to, rank = np.array([0, 0, 0, 0, 1]), np.array([.8, .5, .7, .1, .9])
    for count, kept, whole in ((3, [0, 1, 2, 4], True), (2, [1, 2, 4], False), (1, [1, 4], False)):
        found, every = made._kept(costs, to, rank, count)
        assert (sorted(found), every) == (kept, whole)


def test_the_rank_is_how_full_the_fullest_will_be():
    made = limits(10, 20, INF, weights=(0, 0, 0))
    sums = np.array([[8., 2, 0], [4, 10, 0], [1, 14, 0]]) @ made.sums
    assert Search(two(), made)._rank(sums, made.reach()) == pytest.approx([.8, .5, .7])
    free = limits(INF, INF, INF)
    sums = np.array([[3., 4, 0], [0, 0, 6]]) @ free.sums
    assert Search(two(), free)._rank(sums, free.reach()) == pytest.approx([5, 6])


@pytest.mark.parametrize(("room", "choice"), [(11, "a"), (9, "a"), (8.5, None)])
def test_labels_at_the_limit_fit(room, choice):
    """Of 8, 9 and 10 the first, which with the 1 that follows is 9."""
    one = steps({"start": [move("on", 1, luts, choice=c) for c, luts in zip("abc", (8, 9, 10),
                                                                            strict=True)]},
                {"on": [move("end", 1, 1)]})
    found = cheapest(one, 1, limits(room, INF, INF))
    assert (found and found.choices[0]) == choice


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
    monkeypatch.setattr(search, "LABELS", (most,))
    answer = fastest(steps({"start": FIRST}, {"a": second}), limits(6, 6, INF))
    assert (answer and (answer.path.choices, answer.path.cycles, answer.bound, answer.exact)
            ) == wanted


def test_none_of_the_labels_kept_is_not_none_at_all(monkeypatch):
    both = steps({"start": FIRST}, {"a": SECOND})
    assert cheapest(both, 1, limits(6, 5, INF)) is None     # X q is (5, 6)
    monkeypatch.setattr(search, "LABELS", (1,))
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


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5])
def test_pareto(columns):
    for seed in range(50):
        rows = np.random.default_rng(seed).integers(0, 6, (40, columns)).astype(float)
        kept = pareto(rows)
        best = {tuple(r) for r in rows if not any(
            (other <= r).all() and (other < r).any() for other in rows)}
        assert sorted(map(tuple, rows[kept])) == sorted(best)


@pytest.mark.parametrize("most", [search.LABELS, (1, 10**6), (10**6,)], ids=str)
@pytest.mark.parametrize("seed", range(30))
def test_search_among_random_steps(seed, most, monkeypatch):
    """Against all paths, with several kinds limited, and with few labels kept at first."""
    monkeypatch.setattr(search, "LABELS", most)
    monkeypatch.setattr(search, "AT_ONCE", 7)
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
    monkeypatch.setattr(search, "LABELS", (1,))
    rng = np.random.default_rng(seed)
    steps = Trellis(0)
    for _ in range(4):
        moves = [Move(0, int(rng.integers(1, 9)), rng.integers(0, 12, 3).astype(float), None)
                 for _ in range(6)]
        steps.add(lambda state, moves=moves: moves)
    room = Limits(np.array([20., 20, 22]), np.ones(3))
    answer = fastest(steps, room)
    monkeypatch.setattr(search, "LABELS", (10**6,))
    best = fastest(steps, room)
    if best is None:
        assert answer is None
    elif answer is not None:
        assert answer.bound <= best.bound <= answer.path.cycles
        assert not answer.exact or answer.path.cycles == best.path.cycles
