"""Methods by their names."""

from dataclasses import dataclass

import pytest

from qhw.quantization.calibration import Method, methods, parse_method
from qhw.quantization.calibration.range import Percentile
from qhw.quantization.calibration.sqnr import Sqnr


def test_every_method_has_its_source():
    assert set(methods) == {"minmax", "percentile", "mse", "sqnr", "kl"}
    assert all(kind.citation.count(",") >= 2 for kind in methods.values())


@pytest.mark.parametrize("text", ["percentile:99.5", "percentile:percent=99.5"])
def test_a_parameter_is_the_only_one(text):
    assert parse_method(text) == Percentile(99.5)
    assert parse_method(str(Percentile(99.5))) == Percentile(99.5)


@pytest.mark.parametrize(("text", "said"), [
    ("best", "it should be one of kl, minmax, mse, percentile, sqnr"),
    ("kl:3", "kl has no parameter"), ("percentile:x", "could not convert"),
    ("percentile:101", "from 50 to 100, not 101"), ("sqnr:flat", "gaussian or laplace, not flat")])
def test_what_is_no_method(text, said):
    with pytest.raises(ValueError, match=said):
        parse_method(text)


def test_two_methods_of_one_name():
    assert parse_method("sqnr:laplace") == Sqnr("laplace")
    with pytest.raises(TypeError, match="defined twice"):
        @dataclass(frozen=True)
        class Again(Method):
            name = "kl"

            def interval(self, seen, family):
                return 0, 1
    assert "Again" not in str(methods)
