"""Names made safe: what they become is legal everywhere, and never the same for two names."""

import keyword
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhw import names
from qhw.tools import programs

from .hostile import HOSTILE

anything = st.text(min_size=1) | st.sampled_from(HOSTILE) | st.text("aA_.b1", min_size=1)


@settings(deadline=None)
@given(anything)
def test_an_identifier_is_one_everywhere(name):
    made = names.identifier(name)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,79}", made)
    assert "__" not in made and not made.endswith("_")
    assert names.is_identifier(made) and names.identifier(made) == made
    assert names.is_prefix(names.prefix(name))


@settings(deadline=None)
@given(st.lists(anything, unique=True))
def test_two_names_never_become_one(chosen):
    made = names.parts(chosen)
    every = [*made.values(), *{names.instance(part) for part in made.values()} - {*made.values()}]
    assert len({part.lower() for part in every}) == len(every)


@pytest.mark.parametrize("name", ["fc1", "conv2d_3", "layer4_2_conv3", "digits_binary", "A1"])
def test_ordinary_names_stay(name):
    assert names.identifier(name) == names.parts([name])[name] == names.prefix(name) == name
    assert names.file_name(name, ".hex") == f"{name}.hex" and names.comment(name) == name


def test_dashes_of_a_network_become_underscores():
    assert names.prefix("digits-binary") == "digits_binary"


@settings(deadline=None)
@given(anything)
def test_a_file_is_one_on_any_system(name):
    made = names.file_name(name, ".hex")
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]*\.hex", made) and len(made) <= 200
    stem = made.split(".")[0].lower()
    assert stem not in {"con", "prn", "aux", "nul"} | {f"{p}{k}" for p in ("com", "lpt")
                                                      for k in range(10)}


@settings(deadline=None)
@given(st.lists(anything, unique=True, min_size=2, max_size=2))
def test_files_of_two_names_are_two(pair):
    assert len({names.file_name(name, ".hex") for name in pair}) == 2


@settings(deadline=None)
@given(st.text())
def test_what_is_visible_moves_no_cursor(text):
    made = names.visible(text)
    assert all(c.isprintable() or c in "\n\t" for c in made)
    assert made == text or not text.isprintable()


@settings(deadline=None)
@given(anything)
def test_a_comment_is_one_line_without_commands(name):
    made = names.comment(name)
    assert made.isascii() and made.isprintable()
    assert not re.match(r"(verilator|synopsys|synthesis|pragma)\b", made)


def test_yosys_takes_no_word_that_counts_as_free(tmp_path):
    """All words of C++ and Python too as names of instances and of modules behind a prefix."""
    words = sorted({names.instance(word) for word in (*names.RESERVED, *keyword.kwlist)
                    if word.isidentifier() and not word.startswith("__")})
    (tmp_path / "words.v").write_text("".join(
        ["module leaf (input a); endmodule\nmodule words (input a);\n",
         *(f"  leaf {word} (.a(a));\n" for word in words), "endmodule\n"]))
    programs.run_yosys(["read_verilog words.v", "hierarchy -check -top words"], tmp_path)
