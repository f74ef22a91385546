"""Records of a quantization, as JSON and back."""

import json

import numpy as np

from qhw.quantization.record import Choice, Mixed, Quantized, Trial
from qhw.tools.typed import read


def test_a_choice_is_read_as_it_was_written():
    one = Trial("fc", "binary", .5, None, 3, 1, 0, chosen=True)
    bad = Mixed({"fc": "ternary"}, True, .1, 9, 1, 0, 7, .7, fits=False)
    good = Mixed({"fc": "binary"}, True, .5, 3, 1, 0, 5, .5, chosen=True)
    choice = Choice("chip", {"luts": 5}, None, {"luts": 4, "brams": None, "dsps": 0}, .15, None,
                    10, True, (one,), (good, bad))
    known = Quantized("net", "mixed", "0", (), 8, .1, 1., choice=choice)
    again = read(Quantized, json.loads(json.dumps(known.json())))
    assert again == known and again.choice == choice
    assert again.choice.chosen == again.choice.uniform == good and one.cost == (3, 1, 0)
    assert np.array_equal(bad.cost, [9, 1, 0])
    assert "choice" not in Quantized("net", "binary", "0", (), 8, .1, 1.).json()
