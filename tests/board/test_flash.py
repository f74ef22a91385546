"""Programming with programs that print what the real ones do."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from qhw.board.flash import RULES, check, flash, udev_rule
from qhw.errors import ModelError, ToolError
from qhw.targets.boards import Programmer, board, boards
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


@pytest.mark.parametrize("name", ["my build", "-x", "it's; rm"])
def test_a_folder_of_any_name(fake, tmp_path, monkeypatch, name):
    """What is said to have run does the same in a shell."""
    fake("iceprog")
    monkeypatch.chdir(tmp_path)
    bits = Path(name, "net.bin")
    bits.parent.mkdir()
    bits.touch()
    said = flash(board("icebreaker"), bits)
    assert words(tmp_path) == [str(tmp_path / bits)]
    (tmp_path / "words").unlink()
    subprocess.run(said, shell=True, check=True)
    assert (tmp_path / words(tmp_path)[0]).samefile(bits) and len(words(tmp_path)) == 1
    assert not words(tmp_path)[0].startswith("-")


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


@pytest.mark.parametrize(("printed", "says"), [
    # Each thing that programmers print, with what is then said first.
    ("usb_open() failed", "No permission to use icebreaker"),
    ("Permission denied", "No permission to use icebreaker"),
    ("LIBUSB_ERROR_ACCESS", "No permission to use icebreaker"),
    ("[Errno 13] open", "No permission to use icebreaker"),
    ("EACCES", "No permission to use icebreaker"), ("XEACCESX", "iceprog failed with status 7"),
    ("Device mismatch", "What is plugged in is no icebreaker"),
    ("unknown device with idcode 0x1", "What is plugged in is no icebreaker"),
    ("flash ID: 0xFF 0xFF", "What is plugged in is no icebreaker"),
    ("flash ID: ff", "What is plugged in is no icebreaker"),
    ("flash ID: 0xEF", "iceprog failed with status 7"),
    ("Device not found", "No icebreaker was found on USB"),
    ("no ftdi boards are there", "No icebreaker was found on USB"),
    ("No port", "No icebreaker was found on USB"),
    # Two at once: permission before another chip before none.
    ("not found\nno device\npermission denied\ndevice mismatch", "No permission to use"),
    ("no device\ndevice mismatch", "What is plugged in is no icebreaker"),
])
def test_reasons(fake, bits, printed, says):
    fake("iceprog", printed, 7)
    with pytest.raises(ToolError) as e:
        flash(board("icebreaker"), bits, keep=True)
    assert str(e.value).startswith(says)


@pytest.mark.parametrize(("printed", "last"), [
    ("", "no message"), ("empty\n \nempty", "no message"),
    ("one", "one"), ("one\n two \n\nempty\nthree\rfour", "two | three | four")])
def test_the_last_three_lines_are_shown(fake, bits, printed, last):
    fake("iceprog", printed, 9)
    with pytest.raises(ToolError) as e:
        flash(board("icebreaker"), bits)
    assert str(e.value) == f"iceprog failed with status 9: {last}"


def test_a_board_that_is_not_plugged_in_says_what_to_do(fake, bits):
    """In one line, with what the program said."""
    fake("iceprog", "Can't find it", 1)
    with pytest.raises(ToolError) as e:
        flash(board("icebreaker"), bits)
    assert str(e.value) == (
        "No icebreaker was found on USB: is it plugged in, with a cable that carries data, and is "
        "nothing else using it? (iceprog: Can't find it)")
    fake("iceprog", "permission denied", 1)
    with pytest.raises(ToolError) as e:
        flash(board("icebreaker"), bits)
    assert str(e.value) == (
        f"No permission to use icebreaker: put {udev_rule(board('icebreaker'))} into {RULES}, run "
        "`sudo udevadm control --reload`, and plug it in again (iceprog: permission denied)")


def test_the_first_programmer_that_is_installed(fake, bits, tmp_path):
    """In the order in which a board names them; a program that lacks something names the rest."""
    one, two = board("icebreaker").programmers[:2]
    fake(two.tool)
    assert flash(board("icebreaker"), bits).split()[0] == two.tool
    fake(one.tool)
    assert flash(board("icebreaker"), bits).split()[0] == one.tool
    fake(one.tool, "support for x was not enabled", 1)
    with pytest.raises(ToolError) as e:
        flash(board("icebreaker"), bits)
    assert str(e.value) == (f"{one.tool} was built without x, which icebreaker needs: install the "
                            f"distribution's {one.tool}, or {two.tool}")


def test_whether_a_board_can_be_programmed(fake, monkeypatch):
    monkeypatch.setattr(programs, "_script", lambda name: None)
    with pytest.raises(ModelError, match="arty-a7: no open tool makes its bitstream"):
        check(board("arty-a7"))
    with pytest.raises(ToolError, match="No programmer for icebreaker is installed"):
        check(board("icebreaker"))
    fake("iceprog")
    check(board("icebreaker"))


def test_what_is_kept_where_there_is_one_way_only(fake, bits, tmp_path):
    one = replace(board("icebreaker"), programmers=(Programmer("iceprog", ("-a",)),))
    two = replace(one, programmers=(Programmer("iceprog", ("-a",), ("-b", "-c")),))
    none = replace(one, programmers=(Programmer("iceprog", ("-a",), ()),))
    fake("iceprog")
    for there, keep, given in ((one, True, ["-a"]), (one, False, ["-a"]), (two, False, ["-a"]),
                               (two, True, ["-b", "-c"]), (none, True, [])):
        flash(there, bits, keep=keep)
        assert words(tmp_path) == [*given, str(bits)]
