"""Programming with programs that print what the real ones do."""

import pytest

from qhw.board.flash import flash, udev_rule
from qhw.errors import ModelError, ToolError
from qhw.targets.boards import board, boards
from qhw.tools import programs


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Puts a program on PATH that writes its words to a file, prints and exits."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(name, printed="", status=0):
        path = folder / name
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/words\n"
                        f"cat <<'END'\n{printed}\nEND\nexit {status}\n")
        path.chmod(0o755)
    return make


@pytest.fixture
def bits(tmp_path):
    path = tmp_path / "net.bin"
    path.write_bytes(b"\x7e\xaa\x99\x7e")
    return path


def words(tmp_path):
    return (tmp_path / "words").read_text().split("\n")[:-1]


def test_what_is_run(fake, bits, tmp_path):
    fake("openFPGALoader")
    assert flash(board("ulx3s-85f"), bits) == f"openFPGALoader -b ulx3s -m {bits}"
    assert words(tmp_path) == ["-b", "ulx3s", "-m", str(bits)]
    flash(board("ulx3s-85f"), bits, keep=True)
    assert words(tmp_path) == ["-b", "ulx3s", "-f", str(bits)]
    flash(board("icebreaker"), bits)
    assert words(tmp_path) == ["-b", "ice40_generic", "-f", str(bits)]
    fake("iceprog")
    assert flash(board("icebreaker"), bits, keep=True) == f"iceprog {bits}"
    assert words(tmp_path) == [str(bits)]


@pytest.mark.parametrize("one", boards(), ids=lambda b: b.name)
def test_every_board_can_be_programmed(one, fake, bits, tmp_path):
    fake(one.programmers[0].tool)
    flash(one, bits)
    assert words(tmp_path) == [*one.programmers[0].load, str(bits)]


FTDI = "unable to open ftdi device: {}\nempty\nJTAG init failed with: unable to open ftdi device"


@pytest.mark.parametrize(("name", "tool", "printed", "status", "says"), [
    ("ulx3s-25f", "openFPGALoader", FTDI.format("-3 (device not found)"), 1,
     "No ulx3s-25f was found on USB"),
    ("ulx3s-25f", "openFPGALoader", FTDI.format("-4 (usb_open() failed)"), 1,
     'No permission to use ulx3s-25f: put ATTRS{idVendor}=="0403", '
     'ATTRS{idProduct}=="6015"'),
    ("tang-nano-9k", "openFPGALoader",
     "mismatch between target's idcode and bitstream idcode\n\tbitstream has 0x1100481b hardware "
     "requires 0x81b", 1, "What is plugged in is no tang-nano-9k"),
    ("colorlight-5a75b", "openFPGALoader",
     "openFPGALoader: error while loading shared libraries: libusb-1.0.so.0: cannot open shared "
     "object file: No such file or directory", 127, "openFPGALoader lacks libusb-1.0.so.0: apt"),
    ("colorlight-i5", "openFPGALoader",
     "empty\nJtag: support for cmsisdap was not enabled at compile time", 1,
     "openFPGALoader was built without cmsisdap, which colorlight-i5 needs: install the "
     "distribution's openFPGALoader, or ecpdap"),
    ("orangecrab", "openFPGALoader",
     "Open device 1209:5af0 Not found\nDFU init failed with: No DFU compatible device found", 1,
     "No orangecrab was found on USB"),
    ("icebreaker", "iceprog", "init..\nCan't find iCE FTDI USB device (vendor_id 0x0403, "
     "device_id 0x6010 or 0x6014).\nABORT.", 2, "No icebreaker was found on USB"),
    ("orangecrab", "openFPGALoader", "disk on fire", 3,
     "openFPGALoader failed with status 3: disk on fire"),
])
def test_what_is_wrong(fake, bits, name, tool, printed, status, says):
    fake(tool, printed, status)
    with pytest.raises(ToolError) as e:
        flash(board(name), bits)
    assert str(e.value).startswith(says)


def test_nothing_to_program_with(fake, bits, monkeypatch):
    monkeypatch.setattr(programs, "_script", lambda name: None)
    with pytest.raises(ToolError, match=r"No programmer for tinyfpga-bx is installed: tinyprog "
                                        r"\(pip install tinyprog\)"):
        flash(board("tinyfpga-bx"), bits)


def test_no_bitstream(fake, tmp_path):
    fake("iceprog")
    with pytest.raises(ModelError, match="there is no such bitstream"):
        flash(board("icebreaker"), tmp_path / "none.bin")


def test_a_rule_for_udev():
    assert udev_rule(board("icesugar")) == (
        'ATTRS{idVendor}=="1d50", ATTRS{idProduct}=="602b", MODE="0660", TAG+="uaccess"')
