"""Shells complete commands, and the names of boards, chips, schemes and models."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qhw.targets.boards import boards


def completed(*words):
    """The completions that bash is offered for the last word."""
    found = subprocess.run(
        [str(Path(sys.executable).parent / "qhw")], capture_output=True, text=True,
        env={**os.environ, "_QHW_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words),
             "COMP_CWORD": str(len(words) - 1)})
    assert not found.stderr
    return found.stdout.split()


def test_boards():
    assert completed("qhw", "build", "digits-ternary", "--board", "ulx3s") == [
        board.name for board in boards() if board.name.startswith("ulx3s")]


@pytest.mark.parametrize(("words", "wanted"), [
    (("qhw", "doc"), ["doctor"]),
    (("qhw", "build", "digits-t"), ["digits-ternary"]),
    (("qhw", "build", "digits-ternary", "--target", "ice40u"), ["ice40up5k"]),
    (("qhw", "synth", "digits-ternary", "--target", "ice40u"), ["ice40up5k"]),
    (("qhw", "quantize", "net", "--scheme", "shift"), ["shiftcnn"]),
    (("qhw", "build", "--board", "nothing"), [])])
def test_words(words, wanted):
    assert completed(*words) == wanted
