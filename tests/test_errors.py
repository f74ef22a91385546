"""Errors are one printable line each, whatever names stand in them."""

import pytest

from qhw.errors import ModelError, QhwError, ToolError


@pytest.mark.parametrize(("text", "line"), [
    ("a layer", "a layer"), ("two\nlines\tof  words ", "two lines of words"),
    ("a bell\a rings", r"a bell\x07 rings"), ("red \x1b[31m", r"red \x1b[31m"),
    ("right to left \u202e", r"right to left \u202e"), ("grün 図", "grün 図")])
def test_one_line(text, line):
    for kind in (QhwError, ModelError, ToolError):
        assert str(kind(text)) == line and issubclass(kind, QhwError)
