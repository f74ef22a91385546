"""Rows of comparisons: their loss and size, and what their JSON leaves out."""

import pytest

from qhw.report.rows import Both, Comparison, Row, RowLayer
from qhw.schemes.fixed import Fixed
from qhw.tools.typed import read


def test_loss_and_size():
    """Wrong answers where there are labels, otherwise the weights' error."""
    assert Row(accuracy=0.75, relative_error=0.1).loss == 0.25
    assert Row(accuracy=1.0, relative_error=0.1).loss == 0
    assert Row(relative_error=0.1).loss == 0.1
    assert (Row(luts=12).size, Row(error="no").size) == (12, 0)


@pytest.mark.parametrize("name", ["unquantized_accuracy", "fmax_mhz", "energy_nj", "uncertainty",
                                  "folds"])
def test_a_figure_that_only_some_rows_have_is_no_key_of_the_others(name):
    known = Row(unquantized_accuracy=0.5, fmax_mhz=Both(50.5), energy_nj=1.5,
                uncertainty={"luts": 0.1}, folds={"fc": (2, 4)})
    assert name in known.json() and name not in Row().json()


def test_a_file_is_read_as_it_was_written():
    row = Row(scheme="inq", luts=3, fold={"cycles": 8, "folds": {"fc": (2, 4)}},
              layers=(RowLayer("fc", "inq", 3, 1, 0, 2, 4),), fmax_mhz=Both(50.5),
              folds={"fc": (2, 4)})
    known = Comparison("net", rows=(row,), target="xc7")
    assert read(Comparison, known.json()).json() == known.json()
    again, = read(Comparison, known.json()).rows
    assert (again.layers[0].luts, again.fmax_mhz, again.folds["fc"]) == (3, Both(50.5), (2, 4))


def test_a_row_by_its_scheme():
    """An object, or the text that was asked for."""
    known = Comparison("net", rows=(Row(scheme="inq"), Row(scheme="fixed:bits=3", luts=2),
                                    Row(scheme="fixed:bits=3", luts=1)), target="xc7")
    assert known.row("fixed:bits=3") is known.row(Fixed(3)) is known.rows[1]
    with pytest.raises(KeyError, match="'binary' is not one of inq, fixed:bits=3"):
        known.row("binary")
