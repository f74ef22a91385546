"""Lists of schemes, and which rows are the best."""


from qhw.exploration.sweep import front, mark
from qhw.report.rows import Row
from tests.report.pages import scored as row


def test_the_front_by_hand():
    """a: 10 % wrong at 5; b: 10 % at 4 beats it; c: 5 % at 9; d: 5 % at 9 too; e: 6 % at 10 is
    beaten by c; f: 0 at 20; g: 50 % at 3."""
    values = [(0.1, 5), (0.1, 4), (0.05, 9), (0.05, 9), (0.06, 10), (0, 20), (0.5, 3)]
    assert front(values) == {1, 2, 3, 5, 6}
    assert front([]) == set() and front([(1, 1)]) == {0}


def test_who_is_on_the_front():
    """Only what fits its target counts, if anything does; each target has its own front."""
    found = mark([row("a", 0.9, 10), row("b", 0.99, 5, fits=False), row("c", 0.8, 10),
                  row("a", 0.9, 50, False, "u"), row("b", 0.8, 60, False, "u"),
                  Row(scheme="d", target="t", error="no")], "luts")
    assert [r.pareto for r in found] == [True, False, False, True, False, False]


def test_without_accuracy_the_error_of_the_weights_counts():
    found = mark([row("a", None, 10, relative_error=0.1), row("b", None, 10, relative_error=0.2),
                  row("c", None, 5, relative_error=0.2)], "luts")
    assert [r.pareto for r in found] == [True, False, True]
