"""Names made safe: what they become is legal everywhere, and never the same for two names."""

import keyword
import re
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhw import limits, names
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


# -- one by one

def digest(name):
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


@pytest.mark.parametrize("name", [
    "a", "Z9", "a_b", "x" * 80, "bool2", "my_clk", "clk2", "rst_n", "taps", "s_axis", "m_axi_s"])
def test_identifiers_stay(name):
    assert names.is_identifier(name) and names.identifier(name) == name


@pytest.mark.parametrize(("name", "made"), [
    ("", "n"), ("_", "n"), ("9lives", "n_9lives"), ("a b", "a_b"), ("a__b", "a_b"), ("a_", "a"),
    ("_a", "a"), ("é", "e"), ("日本", "n"), ("a.b-c", "a_b_c"),
    # Words of Verilog and of C++, and what the hardware itself calls its ports.
    ("wire", "wire"), ("xor_eq", "xor_eq"), ("std", "std"), ("wreal", "wreal"),
    ("clk", "n_clk"), ("RST", "n_RST"), ("s_axis_x", "n_s_axis_x"), ("m_axis_", "m_axis"),
    ("tap_1", "n_tap_1"), ("QHW_top", "n_QHW_top"),
    ("x" * 81, "x" * 71), ("ab_" * 40, ("ab_" * 40)[:71].rstrip("_")), ("a" * 70 + "_b" * 9,
                                                                        "a" * 70),
])
def test_other_names_are_marked(name, made):
    """With eight digits of SHA-256, in at most 80 characters."""
    assert names.identifier(name) == f"{made}_{digest(name)}"
    assert len(names.identifier(name)) <= 80 and not names.is_identifier(name)


@pytest.mark.parametrize(("chosen", "made"), [
    # A part may be a word of a language; its instance has a number then.
    (["wire", "std", "fc"], ["wire", "std", "fc"]),
    # Names that differ in their case only, and one that an instance has already.
    (["Fc", "fc"], ["Fc", None]), (["fc", "FC", "fC"], ["fc", None, None]),
    (["wire", "wire_2"], ["wire", None]), (["wire_2", "wire"], ["wire_2", None]),
    (["WIRE", "wire"], ["WIRE", None]), (["std", "std_2"], ["std", "std_2"]),
    (["clk", "a b"], [None, None]),
])
def test_parts_of_a_scope(chosen, made):
    want = [part or names._marked(name) for name, part in zip(chosen, made, strict=True)]
    assert list(names.parts(chosen).items()) == list(zip(chosen, want, strict=True))


@pytest.mark.parametrize(("part", "made"), [
    ("wire", "wire_2"), ("std", "std"), ("delete", "delete"), ("fc", "fc"), ("WIRE", "WIRE")])
def test_instances(part, made):
    assert names.instance(part) == made


@pytest.mark.parametrize(("name", "made"), [
    ("a-b.c", "a_b_c"), ("net", "net"), ("com", "com"), ("com10", "com10"), ("xaux", "xaux"),
    ("con", None), ("COM1", None), ("lpt9", None), ("nul", None), ("wire", None), ("a--b", None),
    ("a b", None), ("-a", None)])
def test_prefixes(name, made):
    assert names.prefix(name) == (made or names._marked(name))
    assert names.is_prefix(names.prefix(name))


@pytest.mark.parametrize(("name", "suffix", "made"), [
    ("fc1", ".hex", "fc1.hex"), ("a.b+c=d@e-f", "", "a.b+c=d@e-f"), ("_x", "", "_x"),
    ("9", ".v", "9.v"), ("con1", ".v", "con1.v"),
    ("x" * 196, ".hex", "x" * 196 + ".hex"),
    # One byte more is cut: 200 - 4 - 8 - 1 are left.
    ("x" * 197, ".hex", "x" * 187 + f"_{digest('x' * 197)}.hex"),
    ("x" * 201, "", "x" * 191 + f"_{digest('x' * 201)}"),
    ("a b", ".v", f"a_b_{digest('a b')}.v"), ("x.", "", f"x_{digest('x.')}"),
    (".x", "", f"x_{digest('.x')}"), ("aux", ".v", f"aux_{digest('aux')}.v"),
    ("com1", "", f"com1_{digest('com1')}"), ("-x", "", f"x_{digest('-x')}"),
    ("a/b", ".v", f"a_b_{digest('a/b')}.v"), ("conin$", "", f"conin_{digest('conin$')}"),
])
def test_names_of_files(name, suffix, made):
    assert names.file_name(name, suffix) == made


@pytest.mark.parametrize(("name", "made"), [
    ("fc1", "fc1"), ("a.b/c:d+e-f", "a.b/c:d+e-f"), ("a b", '"a b"'), ("", '""'),
    ("verilator", '"verilator"'), ("Synopsys-x", '"Synopsys-x"'), ("translate", '"translate"'),
    ("pragmatic", "pragmatic"), ("a-verilator", "a-verilator"), ("é", '"\\u00e9"'),
    ("a\nb", '"a\\nb"')])
def test_comments(name, made):
    assert names.comment(name) == made


MOST = 2 * limits.NAME


@pytest.mark.parametrize(("name", "says"), [
    ("a", ""), ("\ud7ff", ""), ("\ue000", ""), ("a b", ""), ("x" * MOST, ""), ("", "is empty"),
    ("x" * (MOST + 1), f"has {MOST + 1} characters, more than {MOST}"),
    ("a\0", "has characters that no file can have: zeros or halves of others"),
    ("a\ud800", "has characters that no file can have: zeros or halves of others"),
    ("\udfffa", "has characters that no file can have: zeros or halves of others")])
def test_what_keeps_a_name_from_files(name, says):
    assert names.trouble(name) == says


@pytest.mark.parametrize(("text", "made"), [
    ("a é\n\tb", "a é\n\tb"), ("\x1b[2J", "\\x1b[2J"), ("a\rb", "a\\rb"),
    ("\u202eabc", "\\u202eabc"), ("\x7f", "\\x7f")])
def test_what_moves_a_cursor_is_spelled_out(text, made):
    assert names.visible(text) == made


@pytest.mark.parametrize(("taken", "made"), [
    ((), "a"), (("b",), "a"), (("a",), "a_2"), (("a", "a_2"), "a_3"), (("a", "a_3"), "a_2")])
def test_the_first_that_is_unused(taken, made):
    assert names.unused("a", taken) == made


def test_names_of_a_scope_are_given_once():
    scope = names.Names()
    assert [scope.add(wish) for wish in (
        "a", "a", "a", "$b", "$$b", "1c", "1c", "d.e-f", "", "$", "wire", "_", "a_2")] == [
        "a", "a_2", "a_3", "b", "b_2", "_1c", "_1c_2", "d_e_f", "tmp", "tmp_2", "wire_2", "_",
        "a_2_2"]
    assert names.Names().add("a") == "a"
