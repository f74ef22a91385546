"""Gates and transistors of a network, and area in the cells of a library."""

import gzip
from pathlib import Path

import pytest

import qhw
from qhw.asic import liberty
from qhw.asic.liberty import Area, mapped, read_library
from qhw.errors import ModelError, ToolError
from qhw.lower import lower
from qhw.targets import target


@pytest.fixture(scope="module")
def known(tiny):
    return qhw.synth(tiny, "asic", cycles=16)


def test_a_networks_transistors(known):
    predicted, found = known["estimate"], known["measured"]
    assert found["transistors"] == known["transistors"] > 6 * found["luts"]
    assert abs(predicted["transistors"] / found["transistors"] - 1) < 0.25
    assert sum(layer["measured"]["transistors"] for layer in known["layers"]) <= \
        found["transistors"]
    assert qhw.estimate("digits-binary", "ecp5-25k")["transistors"] == 0


def group(name, area, function, inputs, more=""):
    pins = "".join(f'    pin({pin}) {{ direction : input; }}\n' for pin in inputs)
    return (f'  cell({name}) {{\n    area : {area};\n{more}{pins}'
            f'    pin(Y) {{ direction : output; function : "{function}"; }}\n  }}\n')


FF = group("FLOP", 9.5, "IQ", "DC", '    ff(IQ, IQN) { clocked_on : "C"; next_state : "D"; }\n')
CELLS = (group("BUFFER", 2, "A", "A") + group("INVERT", 1.5, "A'", "A")
         + group("NAND", 2.25, "(A*B)'", "AB") + group("NOR", 2.25, "(A+B)'", "AB"))
AREAS = {"FLOP": 9.5, "BUFFER": 2, "INVERT": 1.5, "NAND": 2.25, "NOR": 2.25}
LIBRARY = f"library(some) {{\n{CELLS}{FF}}}\n"
OSU = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """With a space in its path."""
    path = tmp_path_factory.mktemp("some cells") / "some.lib"
    path.write_text(LIBRARY)
    return path


@pytest.fixture(scope="module")
def areas(tiny, library):
    return mapped(lower(qhw.load(tiny), cycles=16), target("asic"), library)


def test_area_is_that_of_the_cells(areas):
    assert {kind for one in areas.values() for kind in one.cells} <= set(AREAS)
    for one in areas.values():
        assert one.area == pytest.approx(sum(AREAS[k] * n for k, n in one.cells.items()))
        assert one.sequential == pytest.approx(9.5 * one.cells.get("FLOP", 0))
        assert 0 <= one.memories <= one.area
    assert areas["fc1"].memories > 0 and areas["act1"].memories < areas["act1"].area


def test_flip_flops_and_layers_are_those_of_generic_gates(areas, known):
    """Whatever the cells, a state needs its flip-flops."""
    for layer in known["layers"]:
        assert areas[layer["name"]].cells.get("FLOP", 0) == layer["measured"]["ffs"]


def test_a_library_may_be_compressed(library, tmp_path):
    packed = tmp_path / "some.lib.gz"
    packed.write_bytes(gzip.compress(LIBRARY.encode()))
    assert read_library(packed) == LIBRARY
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(ModelError, match=r"some\.lib\.gz: .* cut short"):
        read_library(packed)


def test_a_library_that_unpacks_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(liberty, "LIBRARY_BYTES", 1 << 20)
    bomb = tmp_path / "bomb.lib.gz"
    bomb.write_bytes(gzip.compress(bytes(1 << 24)) * 4)
    with pytest.raises(ModelError, match=r"bomb\.lib\.gz: it unpacks to more than"):
        read_library(bomb)


@pytest.mark.parametrize("text", ["/*" * 500_000, '"' + "\\" * 1_000_001, '"\\"' * 300_001,
                                  "/* */" * 200_000, '""' * 500_000, "library " * 100_000,
                                  "library" + " " * 1_000_000], ids=lambda t: t[:9])
def test_reading_a_library_takes_time_that_is_linear_in_it(text, tmp_path):
    """A quadratic expression would take minutes or hours here."""
    (tmp_path / "long.lib").write_text(text)
    with pytest.raises(ModelError, match=r"cut short|no cells"):
        read_library(tmp_path / "long.lib")


@pytest.mark.parametrize("end", ["", "/* { */", '"{"', '"\\\\"', '"\\"{"', '"/*"', '/*"*/'])
def test_comments_and_strings_of_a_library(end, tmp_path):
    text = LIBRARY.rstrip().removesuffix("}") + end + "}\n"
    (tmp_path / "some.lib").write_text(text)
    assert read_library(tmp_path / "some.lib") == text


@pytest.mark.parametrize(("text", "wrong"), [
    ("", "no cells"), ("hello", "no cells"), (LIBRARY[:-80], "cut short"),
    (f"library(some) {{\n{CELLS}}}\n", "no flip-flop"),
    (f"library(some) {{\n/* ff(A) {{ */\n{CELLS}}}\n", "no flip-flop")])
def test_what_is_wrong_with_a_library(text, wrong, tmp_path):
    (tmp_path / "bad.lib").write_text(text)
    with pytest.raises(ModelError, match=rf"bad\.lib: .*{wrong}"):
        read_library(tmp_path / "bad.lib")


def test_a_library_that_is_not_there(tiny, tmp_path):
    with pytest.raises(ModelError, match=r"none\.lib: there is no such file"):
        qhw.synth(tiny, "asic", liberty=tmp_path / "none.lib")


def test_a_library_is_for_an_asic(tiny, library):
    with pytest.raises(ModelError, match="target asic, not ice40hx8k"):
        qhw.synth(tiny, "ice40hx8k", liberty=library)


def test_cells_that_cannot_make_a_network(tiny, tmp_path):
    """Only flip-flops; the line says whose they are."""
    (tmp_path / "ff.lib").write_text(f"library(some) {{\n{FF}}}\n")
    with pytest.raises(ToolError, match=r"ff\.lib: no network can be mapped"):
        mapped(lower(qhw.load(tiny), cycles=16), target("asic"), tmp_path / "ff.lib")


@pytest.mark.skipif(not OSU.is_file(), reason="needs Debian's qflow-tech-osu018")
def test_a_real_library(tiny):
    areas = mapped(lower(qhw.load(tiny), cycles=16), target("asic"), OSU)
    whole = sum(areas.values(), Area())
    assert whole.sequential == 96 * whole.cells["DFFPOSX1"]
    assert 50_000 < whole.area < 65_000
