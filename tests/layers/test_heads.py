"""Several outputs in one vector, by hand."""

from fractions import Fraction

import numpy as np

from qhw.graph import Tensor
from qhw.layers import Affine, Relu, Softmax
from qhw.layers.heads import Branch, Branches, Heads


def test_all_of_one_then_all_of_the_next():
    a, b = np.array([[[1., 2], [3, 4]]]), np.array([[5.]])
    assert Heads().evaluate(a, b).tolist() == [[1, 2, 3, 4, 5]]
    assert Heads().infer(Tensor((2, 2)), Tensor((1,))) == Tensor((5,))


def test_branches_are_computed_apart():
    """Half of the first two numbers; the other two without those below 0, and as shares."""
    half = Affine((Fraction(1, 2),), (Fraction(1),))
    op = Branches([Branch("b", 0, (2, 1), [half]), Branch("b", 2, (2,), [Relu()]),
                   Branch("b", 2, (2,), [Relu(), Softmax()])])
    x = np.array([[4., -6, 0, -1]])
    assert op.evaluate(x).tolist() == [[3, -2, 0, 0, .5, .5]]
    assert op.infer(Tensor((4,))) == Tensor((6,))
