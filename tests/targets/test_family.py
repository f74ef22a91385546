"""What a family decides: memories by size, and products in DSP blocks, worked by hand."""

import pytest

from qhw.errors import ModelError
from qhw.targets import family, target
from qhw.targets.family import Dsp


@pytest.mark.parametrize(("name", "width", "depth", "writable", "want"), [
    ("ice40", 8, 8, True, "logic"), ("ice40", 13, 5, True, "block"),            # 64 bits, 65
    ("ecp5", 8, 64, True, "distributed"), ("ecp5", 1, 65, True, "block"),
    ("ecp5", 1, 64, True, "distributed"), ("asic", 8, 999, True, "logic"),
    ("ice40", 32, 16, False, "logic"), ("ice40", 32, 17, False, "block"),
    ("ice40", 30, 17, False, "logic"), ("ice40", 8, 64, False, "block"),        # 510 bits, 512
    ("xc7", 16, 32, False, "logic"), ("xc7", 16, 33, False, "block"),
    ("asic", 32, 9999, False, "logic")])
def test_the_kind_of_a_memory(name, width, depth, writable, want):
    assert family(name).style(width, depth, writable=writable) == want


@pytest.mark.parametrize(("name", "width", "depth", "writable", "worth", "want"), [
    ("ecp5", 24, 64, False, 167, "block"), ("ecp5", 24, 64, False, 168, "logic"),   # 4 and 3 LUTs
    ("ecp5", 40, 64, False, 139, "block"), ("ecp5", 40, 64, False, 140, "logic"),   # two blocks
    ("ecp5", 8, 130, True, 135, "block"), ("ecp5", 8, 130, True, 136, "distributed"),   # 9 and 8
    ("xc7", 24, 256, False, 119, "block"), ("xc7", 24, 256, False, 120, "logic"),   # 4 LUTs and 1
    ("ice40", 8, 65, True, 10 ** 6, "block")])      # it has no distributed RAM
def test_luts_that_are_given_for_a_block(name, width, depth, writable, worth, want):
    assert family(name).style(width, depth, writable=writable, worth=worth) == want


def test_light_memories_give_way_first():
    chip = target("ecp5-85k")
    assert chip.style(24, 64, writable=False) == "block"
    assert chip.style(24, 64, writable=False, form="light") == "logic"
    assert chip.style(40, 128, writable=False, form="light") == "block"       # 300 LUTs a block
    assert chip.giving(300).style(40, 128, writable=False) == "logic"
    assert chip.giving(0) is chip


def test_constants_go_where_they_are_told_to():
    chip = target("ecp5-85k").giving(10 ** 6)
    assert chip.style(40, 128, writable=False, form="block") == "block"
    assert chip.style(2, 2, writable=False, form="block") == "block"
    assert target("ecp5-85k").style(99, 999, writable=False, form="luts") == "logic"
    with pytest.raises(ModelError, match="asic has no block RAM, where a fold puts weights"):
        target("asic").style(8, 999, writable=False, form="block")


@pytest.mark.parametrize(("name", "deepest"), [("ice40", 2048), ("ecp5", 16384), ("asic", 0)])
def test_the_deepest_block(name, deepest):
    assert family(name).deepest == deepest


@pytest.mark.parametrize(("name", "width", "depth", "blocks"), [
    ("ice40", 16, 256, 1), ("ice40", 17, 256, 2), ("ice40", 16, 257, 2), ("ice40", 2, 2049, 2),
    ("ecp5", 36, 512, 1), ("ecp5", 37, 512, 2), ("ecp5", 1, 16385, 2), ("ecp5", 9, 2048, 1)])
def test_blocks_in_the_best_mode(name, width, depth, blocks):
    assert family(name).blocks(width, depth) == blocks


PLAIN, SIGNED = Dsp((16, 16), 16, 2, 11), Dsp((25, 18), 18, 2, 9, signed=True)


@pytest.mark.parametrize(("dsp", "wide", "narrow", "blocks"), [
    (PLAIN, 16, 16, 1), (PLAIN, 17, 16, 1),         # 16 and 1, which is worth none
    (PLAIN, 18, 16, 2), (PLAIN, 20, 20, 3),         # 4 times 4 is 8 bits
    (PLAIN, 5, 5, 0), (PLAIN, 6, 5, 1), (PLAIN, 32, 32, 4), (PLAIN, 33, 16, 2),
    (SIGNED, 25, 18, 1), (SIGNED, 26, 18, 2),       # pieces of 18 bits with a sign are 17
    (SIGNED, 42, 18, 2), (SIGNED, 43, 18, 3), (SIGNED, 25, 19, 2), (SIGNED, 10, 1, 0)])
def test_products_in_pieces(dsp, wide, narrow, blocks):
    assert dsp.blocks(wide, narrow) == blocks


@pytest.mark.parametrize(("a", "b", "worth"), [
    (2, 9, True), (9, 2, True), (1, 16, False), (5, 6, True), (5, 5, False)])
def test_what_is_worth_a_block(a, b, worth):
    assert PLAIN.worth(a, b) == worth
