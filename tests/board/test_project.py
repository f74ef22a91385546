"""Projects for a vendor's tool."""

import pytest

import qhw
from qhw import verbs
from qhw.errors import ModelError
from qhw.fold.goal import Goal
from tests.board.test_bitstream import network


def test_boards_without_open_tools(tmp_path):
    known = qhw.build(network(), tmp_path / "out", board="arty-a7", goal=Goal(cycles=8))
    assert known["place"]["bitstream"] is None
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"bits_board.tcl", "bits_board.xdc", "bits_board.v", "bits_link.v"} <= names
    assert "xc7a35t" in (tmp_path / "out/bits_board.tcl").read_text()
    assert 'LOC D10 [get_ports "uart_0__tx__io"]' in (tmp_path / "out/bits_board.xdc").read_text()
    assert "PLLE2_BASE" in (tmp_path / "out/bits_board.v").read_text()
    with pytest.raises(ModelError, match="arty-a7: no open tool makes its bitstream"):
        verbs.flash(network(), board="arty-a7")
