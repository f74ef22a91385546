"""What all weight formats share: names, defaults, and helpers, by hand."""

import numpy as np
import pytest

from qhw.exact.formats import MiniFloat, Power
from qhw.exact.num import Int
from qhw.pe import Logs
from qhw.schemes.binary import Binary
from qhw.schemes.codebook import Codebook
from qhw.schemes.fixed import Fixed
from qhw.schemes.scheme import Scheme, by_row, scales, table_bits, to_integers
from qhw.schemes.ternary import Ternary


def test_names_with_parameters():
    assert str(Fixed(5)).startswith("fixed:bits=5,") and str(Ternary()).startswith("ternary")
    assert Fixed().described == "fixed"
    assert Fixed(5).described == {"name": "fixed", "bits": 5}


def test_a_name_is_taken_once():
    with pytest.raises(TypeError, match=r"'fixed' is defined twice: in qhw\.schemes\.fixed\.Fi"):
        type("Other", (Scheme,), {"name": "fixed"})
    assert Scheme.registry["fixed"] is Fixed


def test_one_scale_an_output_or_one_for_all():
    w = np.arange(6).reshape(2, 3)
    assert by_row(w, True) is w and by_row(w, False).tolist() == [[0, 1, 2, 3, 4, 5]]
    assert scales(np.array([2., 3]), True).tolist() == [2, 3] and scales(np.array([2.]), False) == 2


@pytest.mark.parametrize(("table", "bits"), [
    (None, 0), (np.array([0, 1]), 2), (np.array([[-8, 7], [0, 1]]), 16), (np.array([8, 0]), 8)])
def test_bits_of_a_table(table, bits):
    """As wide as the widest, each of them."""
    assert table_bits(table) == bits


@pytest.mark.parametrize(("values", "integers", "scale"), [
    ([7., -3], [7, -3], 1), ([7.4, 1], [7, 1], 1), ([7.5, 1], [7, 1], 1), ([7.6, 1], [4, 0], 2),
    ([.25, -.5], [2, -4], .125), ([0, 0], [0, 0], .25), ([2.5, 3.5], [5, 7], .5)])
def test_q_format(values, integers, scale):
    """Four bits: the largest is not more than 7 and a half steps."""
    found, unit = to_integers(np.array([values]), 4)
    assert found.tolist() == [integers] and unit.tolist() == [scale]


def test_bits_in_memory():
    """Codes of four bits; of two bits, and a table of four numbers of which the widest has five."""
    assert Fixed(4).storage(np.zeros((3, 5), int)) == 15 * 4
    book = Codebook(entries=4)
    assert book.storage(np.zeros((3, 5), int), np.array([-16, 0, 1, 2])) == 15 * 2 + 4 * 5


def test_defaults():
    codes = Ternary().quantize(np.array([[1., -1, 0]]))
    stage, = Ternary().stages(codes.codes)
    assert stage.scheme == Ternary() and stage.codes is codes.codes
    assert stage.table is None is stage.gains
    assert (Fixed().rows(7), Fixed().tables(codes.codes)) == (7, [])
    assert Fixed().factors(3).tolist() == [[1], [1], [1]] and Fixed(4).code_bits == 4


def test_inputs_are_ignored_unless_a_scheme_looks_at_them():
    w = np.array([[1., -.5]])
    plain, fitted = Fixed(4).quantize(w), Fixed(4).fit(w, np.ones((3, 2)))
    assert fitted.codes.tolist() == plain.codes.tolist()
    assert Fixed(4).fit(w, np.ones((3, 2)), per_channel=False).scale.shape == ()


def test_gates_for_a_format_of_activations():
    assert isinstance(Ternary().gates(Power(3)), Logs)
    assert type(Binary().gates(Int(0, 3))) is type(Binary().element())
    with pytest.raises(ValueError, match="ternary weights do not take floating point activations"):
        Ternary().gates(MiniFloat(3, 2))
    with pytest.raises(ValueError, match="do not take logarithmic activations"):
        Scheme.registry["admm" if Scheme.registry["admm"]().element().parts > 1
                        else "alternating"]().gates(Power(3))
