"""Codes are decoded before what reads integers, and tables become one."""

from dataclasses import replace

import numpy as np

from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Input
from qhw.lower.decode import decode
from qhw.ops import Decoder, Gain, Lookup, Take
from qhw.simulators.golden import golden

from .chains import chain

FORM = Power(3)
CODED = Tensor((), Int(0, 7), coded=FORM)
CODES = Lookup(np.array([0, 1, 2, 3, 5, 6, 7, 1]), CODED)
"""From integers 0 to 7 to codes of 0, 4, 2, 1, -4, -2, -1 and 4."""
WORTH = [0, 4, 2, 1, -4, -2, -1, 4]
X = np.arange(8)[:, None]


def test_a_table_and_a_decoder_are_one_table():
    graph = decode(chain(Input((1,), Int(0, 7)), CODES, Gain(np.array([3]))))
    assert [type(n.op) for n in graph.nodes] == [Input, Lookup, Gain]
    assert golden(graph, X)["l2"].ravel().tolist() == [3 * v for v in WORTH]


def test_who_moves_codes_reads_them():
    """The decoder stands behind, where the codes leave."""
    graph = decode(chain(Input((1,), Int(0, 7)), CODES, Take(0, 1)))
    assert [type(n.op) for n in graph.nodes] == [Input, Lookup, Take, Decoder]
    assert golden(graph, X)[graph.output.name].ravel().tolist() == WORTH


def test_codes_that_are_integers_stay():
    graph = chain(Input((1,), Int(0, 7)), replace(CODES, format=Tensor((), Int(0, 7))),
                  Gain(np.array([3])))
    assert [n.op for n in decode(graph).nodes] == [n.op for n in graph.nodes]
