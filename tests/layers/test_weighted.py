"""What a table says of weights: as they are stored, or the scheme's own of real ones."""

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.errors import ModelError
from qhw.graph import PeSimd
from qhw.layers.dense import Dense, DenseSpec
from qhw.schemes import Codes
from qhw.schemes.codebook import Codebook
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from tests.layers.stored import Stored, made

WEIGHT = {"weight": [[1., -7], [14, 3.5]]}


def test_what_codes_stand_for():
    op = Dense(Fixed(3), Codes(np.array([[3, 4], [0, 7]]), np.array([0.5, 2])))
    assert op.integers.tolist() == [[3, -4], [0, -1]]
    assert op.real.tolist() == [[1.5, -2], [0, -2]] and op.added.tolist() == [0, 0]
    one = Dense(Fixed(3), Codes(op.weights.codes, np.array(0.5)), np.array([1., 2]))
    assert one.real.tolist() == [[1.5, -2], [0, -0.5]] and one.added.tolist() == [1, 2]


def test_real_weights_are_quantized():
    """4 bits, to 7: rows of steps 1 and 2, or one step of 2 for both."""
    op = made("dense", WEIGHT, units=2, scheme={"name": "fixed", "bits": 4})
    assert op.weights.scale.tolist() == [1, 2] and op.integers.tolist() == [[1, -7], [7, 2]]
    op = made("dense", WEIGHT, units=2, scheme={"name": "fixed", "bits": 4}, per_channel=False)
    assert op.weights.scale == 2 and op.integers.tolist() == [[0, -4], [7, 2]]


@pytest.mark.parametrize("scale", [[0.5, 2], 0.25])
def test_codes_are_read_as_stored(scale):
    op = made("dense", {"codes": [[1, 3], [0, 1]], "scale": scale} | WEIGHT, units=2,
              scheme="ternary")
    assert op.scheme == Ternary() and op.weights.table is None
    assert op.weights.codes.tolist() == [[1, 3], [0, 1]]
    assert op.weights.scale.tolist() == scale


def test_a_table_is_read_where_the_scheme_has_one():
    op = made("dense", {"codes": [[1, 0]], "scale": 1, "table": [-5, 9]}, units=1,
              scheme={"name": "codebook", "entries": 2})
    assert isinstance(op.scheme, Codebook) and op.integers.tolist() == [[9, -5]]


def test_codes_of_another_scheme_are_refused():
    with pytest.raises(ModelError, match=r"model\.toml: l\.codes has 2, which is no code of tern"):
        made("dense", {"codes": [[1, 2]], "scale": 1}, units=1, scheme="ternary")


@pytest.mark.parametrize("scheme", ["float", "fixed", "tnn", "ffn", "product"])
@pytest.mark.parametrize("end", [2.0**128, -(2.0**128), 2.1**128, -1e300])
def test_real_weights_are_no_larger_than_scales(end, scheme):
    """Their squares are in float64, and others are refused, whatever the scheme."""
    def layer():
        return made("dense", {"weight": [[1, end, 3, -1]] * 16}, units=16, scheme=scheme)
    if abs(end) <= 2.0**128:
        layer()
    else:
        with pytest.raises(ModelError, match=r"l\.weight reaches .*, more than 2\*\*128"):
            layer()


@pytest.mark.parametrize("end", [(1 << 31) - 1, -(1 << 31), 1 << 31, -(1 << 31) - 1, 1 << 62,
                                 -(1 << 63)])
def test_numbers_of_a_table_have_32_bits(end):
    """Otherwise the sums of some could leave 64 bits unseen."""
    def layer():
        return made("dense", {"codes": [[1, 0]], "scale": 1, "table": [-5, end]}, units=1,
                    scheme={"name": "codebook", "entries": 2})
    if -(1 << 31) <= end < 1 << 31:
        assert layer().integers.tolist() == [[end, -5]]
    else:
        with pytest.raises(ModelError, match=rf"l\.table reaches {abs(end)}, more than 32 bits"):
            layer()


@pytest.mark.parametrize(("wanted", "stored", "found"), [
    (None, False, None), (None, True, [5]), (True, True, [5]), (False, True, None)])
def test_a_bias_is_taken_if_it_is_there_and_wanted(wanted, stored, found):
    arrays = {"weight": [[1]]} | ({"bias": [5]} if stored else {})
    bias = made("dense", arrays, units=1, scheme="fixed", bias=wanted).bias
    assert (None if bias is None else bias.tolist()) == found


def test_a_bias_that_is_wanted_must_be_there():
    with pytest.raises(KeyError, match=r"l\.bias"):
        made("dense", {"weight": [[1]]}, units=1, scheme="fixed", bias=True)


def test_folds_are_pe_and_simd():
    table = {"name": "l", "type": "dense", "units": 1, "scheme": "fixed"}
    spec = DenseSpec.model_validate(table | {"fold": {"pe": 3, "simd": 5}})
    assert spec.op(Stored({"l.weight": [[1]]})).fold == PeSimd(3, 5)
    for fold in ({"pe": 0, "simd": 1}, {"pe": 1, "simd": 0}, {"pe": 1}, {"pe": 1.0, "simd": 1}):
        with pytest.raises(ValidationError, match="fold"):
            DenseSpec.model_validate(table | {"fold": fold})


@pytest.mark.parametrize(("scheme", "message"), [
    ("quaternary", "should be a scheme"), ({"bits": 3}, "should be a scheme"),
    ({"name": "fixed", "bit": 3}, "Scheme fixed has no parameter 'bit'"),
    ({"name": "fixed", "bits": 17}, "must have 2 to 16 bits, not 17")])
def test_schemes_that_are_none(scheme, message):
    with pytest.raises(ValidationError, match=message):
        made("dense", WEIGHT, units=2, scheme=scheme)
