"""What is asked of a search."""

import pytest

from qhw.errors import ModelError
from qhw.fold.record import Goal


@pytest.mark.parametrize(("name", "value"), [
    ("fps", 0), ("fps", -1.0), ("clock_mhz", float("nan")), ("cycles", 0), ("luts", -1)])
def test_numbers_that_nothing_can_reach_are_refused(name, value):
    with pytest.raises(ModelError, match=f"Goal: {name} must be more than 0"):
        Goal(**{name: value})


def test_what_is_asked_are_the_fields_that_are_set():
    assert Goal().asked == {}
    assert Goal(cycles=4, dsps=0, spatial=False).asked == {"cycles": 4, "dsps": 0, "spatial": False}
