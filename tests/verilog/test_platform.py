"""Where memories go: into the Verilog, into a file, or into the memory that a chip has."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib.memory import Memory

from qhw import adders
from qhw.exact.num import Int
from qhw.hw.storage.memory import FORM
from qhw.targets import target
from qhw.verilog.parts import Contents
from qhw.verilog.platform import Platform


def instance(platform, words, width, *, writable=False, form=""):
    """The instance of a memory of such words."""
    memory = Memory(shape=width, depth=len(words), init=[] if writable else words,
                    attrs={FORM: form} if form else None)
    memory.read_port()
    if writable:
        memory.write_port()
    Module().submodules.memory = memory
    return platform.get_memory(memory)


def parameters(found):
    return {name: getattr(value, "value", value) for name, value in found.parameters.items()}


def test_few_words_stand_in_the_verilog():
    """Word 0 lowest: 256 bits are few."""
    platform = Platform(None, "net")
    found = instance(platform, [3, 1, 2], 2)
    assert found.type == "net_qhw_rom" and parameters(found) == {
        "WIDTH": 2, "DEPTH": 3, "ABITS": 2, "INIT": 0b100111}
    assert len(found.parameters["INIT"]) == 6
    assert instance(platform, [1] * 64, 4).type == "net_qhw_rom"
    assert instance(platform, [1] * 65, 4).type == "net_qhw_rom_file"


def test_many_words_stand_in_a_file():
    """As many digits as the widest has, and the low bits of what is negative."""
    memory = Memory(shape=Int(-8, 7).shape, depth=100, init=[-1, 5, *[0] * 98])
    memory.read_port()
    found = parameters(Platform(None, "net").get_memory(memory))
    assert isinstance(found["FILE"], Contents)
    assert found["FILE"].split()[:3] == ["f", "5", "0"] and len(found["FILE"].split()) == 100
    wide = parameters(instance(Platform(None, "net"), [0x1F2, 1] * 20, 9))
    assert wide["FILE"].split()[:2] == ["1f2", "001"]


@pytest.mark.parametrize(("chip", "depth", "writable", "kind"), [
    (None, 8, True, "net_qhw_ram"), ("ecp5-25k", 8, True, "net_qhw_ram_distributed"),
    ("ecp5-25k", 65, True, "net_qhw_ram_block"), ("ecp5-25k", 100, False, "net_qhw_rom_file_block"),
    ("ecp5-25k", 16, False, "net_qhw_rom_logic"), ("asic", 65, True, "net_qhw_ram_logic")])
def test_the_module_says_where_its_words_go(chip, depth, writable, kind):
    platform = Platform(target(chip) if chip else None, "net")
    found = instance(platform, [0] * depth, 8, writable=writable)
    assert found.type == kind and [m.name for m in platform.modules()] == [kind]
    assert {"clk", "en", "addr", "data"} <= {*found.ports}
    assert ({"w_en", "w_addr", "w_data"} <= {*found.ports}) == writable


@pytest.mark.parametrize(("chip", "form", "kind"), [
    (None, "block", "net_qhw_rom_file_block"), (None, "luts", "net_qhw_rom_file_logic"),
    (None, "light", "net_qhw_rom_file"), ("ecp5-25k", "luts", "net_qhw_rom_file_logic"),
    ("xc7", "block", "net_qhw_rom_file_block")])
def test_words_go_where_they_are_told_to(chip, form, kind):
    platform = Platform(target(chip) if chip else None, "net")
    assert instance(platform, [0] * 100, 8, form=form).type == kind


def test_modules_in_use_once():
    platform = Platform(None, "net")
    for words in ([1, 2], [3, 1], [0] * 300):
        instance(platform, words, 4)
    assert [m.name for m in platform.modules()] == ["net_qhw_rom", "net_qhw_rom_file"]


@pytest.mark.parametrize(("chip", "family", "both"), [
    (None, "", False), ("asic", "", False), ("ice40hx8k", "ice40", True)])
def test_networks_of_adders(chip, family, both):
    """Cells for synthesis, expressions for simulators."""
    network = adders.compile(np.array([[1, 2], [3, -1], [1, 1]]), [Int(0, 7)] * 2, effort=0)
    platform = Platform(target(chip) if chip else None, "net")
    assert platform.family == family
    assert [platform.adders(network), platform.adders(network)] == [
        "net_qhw_adders0", "net_qhw_adders1"]
    module, _ = platform.modules()
    assert ("`ifdef SYNTHESIS" in module.text) == ("SB_" in module.text) == both
    assert [(p.direction, p.name, p.bits) for p in module.ports] == [
        ("input", "x", 6), ("output", "y", len(network.pins))]


@pytest.mark.parametrize(("chip", "name"), [(None, ""), ("ecp5-25k", "net_qhw_total"), ("xc7", "")])
def test_accumulators_of_cells_where_the_chip_has_them(chip, name):
    platform = Platform(target(chip) if chip else None, "net")
    assert platform.total() == name and platform.cells == bool(name)
    assert [m.name for m in platform.modules()] == [name] * bool(name)
