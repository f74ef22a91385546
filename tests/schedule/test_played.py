"""The cycles of a run, counted from the first input beat on."""

import numpy as np

from qhw.schedule import Played


def test_cycles_are_counted_from_the_first_input_beat_to_the_last_output_beat():
    run = Played(np.array([9, 14]), 3, {}, (), np.zeros(2), 20)
    assert run.cycles.tolist() == [7, 12]
