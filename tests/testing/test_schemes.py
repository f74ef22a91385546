"""Laws of schemes can fail."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from qhw.pe import Multiply
from qhw.schemes import Scheme
from qhw.schemes.fixed import Fixed
from qhw.testing import SchemeLaws


@dataclass(frozen=True)
class Forgetful(Fixed):
    """Its quantizer rounds to even integers, and then half of them away."""

    name = "forgetful"

    def quantize(self, w, *, per_channel=True):
        found = super().quantize(w, per_channel=per_channel)
        return replace(found, codes=found.codes ^ (found.codes > 2))


@dataclass(frozen=True)
class Wide(Fixed):
    """Its gates have a code more than its bits can hold."""

    name = "wide"

    def element(self, table=None):
        return Multiply(np.arange(17))


for broken in (Forgetful, Wide):    # so that no list of schemes has them
    del Scheme.registry[broken.name]


@pytest.mark.parametrize(("scheme", "law"), [
    (Forgetful(), lambda laws: laws.test_a_quantized_weight_stays(True)),
    (Wide(), lambda laws: laws.test_storage_is_the_formula())])
def test_a_broken_scheme(scheme, law):
    laws = SchemeLaws()
    laws.scheme = scheme
    laws.formula = lambda outputs, inputs: outputs * inputs * 4
    with pytest.raises(AssertionError):
        law(laws)
