"""The result of a simulation."""

import numpy as np

from qhw.simulators.run import Run


def test_without_a_trace_there_is_nothing_of_the_layers():
    one, two = Run(np.zeros((1, 2)), 3), Run(np.zeros((1, 2)), 3)
    assert (one.trace, one.activity) == ({}, {}) and one.trace is not two.trace
    assert one != two       # arrays are not compared
