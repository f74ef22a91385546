"""Which program is taken, and what is said of one that fails, mostly without starting any."""

import sys
from pathlib import Path

import pytest

from qhw.errors import ToolError
from qhw.tools import programs


@pytest.fixture
def printed(monkeypatch):
    """What the next program prints, and its exit status."""
    said = {"status": 0, "text": "", "command": None}

    def attempt(command, *, cwd, env=None):
        said["command"], said["cwd"], said["env"] = command, cwd, env
        return said["status"], said["text"]
    monkeypatch.setattr(programs, "attempt", attempt)
    return said


@pytest.mark.parametrize(("text", "says"), [
    ("", "no message"), (" \n\n", "no message"),
    ("one\n two \n\nthree", "one | two | three"),
    # Of lines without an error the last six, of errors the first six, in any case of letters.
    ("\n".join("abcdefgh"), "c | d | e | f | g | h"),
    ("a\nERROR: b\nc\nan error\nd", "ERROR: b | an error"),
    ("\n".join(f"error {k}" for k in range(8)),
     "error 0 | error 1 | error 2 | error 3 | error 4 | error 5"),
])
def test_what_a_program_that_fails_said(printed, tmp_path, text, says):
    printed |= {"status": 3, "text": text}
    for how, name in (({}, "tool"), ({"what": "Yosys"}, "Yosys")):
        with pytest.raises(ToolError) as e:
            programs.run(["/opt/bin/tool", "-x"], cwd=tmp_path, **how)
        assert str(e.value) == f"{name} failed with status 3: {says}"


def test_temporary_files_of_a_program_are_in_its_folder(tmp_path):
    """A compiler that is killed leaves them."""
    made = Path(programs.run(["sh", "-c", "mktemp"], cwd=tmp_path).strip())
    assert made.is_file() and made.parent == tmp_path
    made = programs.run(["sh", "-c", "echo $TMPDIR $MORE"], cwd=tmp_path, env={"MORE": "x"})
    assert made.split() == [str(tmp_path), "x"]


@pytest.mark.parametrize("status", [-9, 1, 127])
def test_any_status_but_0_is_a_failure(printed, tmp_path, status):
    printed |= {"status": status, "text": "x"}
    with pytest.raises(ToolError, match=f"status {status}"):
        programs.run(["tool"], cwd=tmp_path)
    printed["status"] = 0
    assert programs.run(["tool"], cwd=tmp_path, env={"A": "b"}) == "x"
    assert (printed["cwd"], printed["env"]) == (tmp_path, {"A": "b", "TMPDIR": str(tmp_path)})


@pytest.mark.parametrize(("text", "says"), [
    ("fine", None), ("Warning: something", None), ("a conflict is solved", None),
    ("ok\n  Warning: Driver-driver conflict for \\x \nok",
     "Yosys found conflicting drivers: Warning: Driver-driver conflict for \\x")])
def test_conflicting_drivers_are_an_error(printed, tmp_path, monkeypatch, text, says):
    monkeypatch.setenv("QHW_YOSYS", "my-yosys -s")
    printed["text"] = text
    if says is None:
        assert programs.run_yosys(["read a.v", "proc"], tmp_path) == text
    else:
        with pytest.raises(ToolError) as e:
            programs.run_yosys(["read a.v", "proc"], tmp_path)
        assert str(e.value) == says
    assert (tmp_path / "run.ys").read_text() == "read a.v\nproc\n"
    assert printed["command"] == ["my-yosys", "-s", "run.ys"]


@pytest.mark.parametrize(("chosen", "library", "script", "command"), [
    ("a b", True, "/y", ["a", "b"]), ("", True, "/y", [sys.executable, "-c"]),
    (None, True, "/y", [sys.executable, "-c"]), (None, False, "/y", ["/y", "-q", "-s"]),
    (None, False, None, None)])
def test_which_yosys(monkeypatch, chosen, library, script, command):
    """The one that is chosen, the library from PyPI, the one on PATH, in this order."""
    monkeypatch.delenv("QHW_YOSYS", raising=False)
    if chosen is not None:
        monkeypatch.setenv("QHW_YOSYS", chosen)
    monkeypatch.setattr(programs, "find_spec", lambda name: library and name == "pyosys")
    monkeypatch.setattr(programs, "_script", lambda name: script if name == "yosys" else None)
    if command is None:
        with pytest.raises(ToolError, match="Yosys is missing: pip install pyosys"):
            programs.yosys()
    else:
        assert programs.yosys()[:len(command)] == command
        assert len(programs.yosys()) == 3 or chosen


@pytest.mark.parametrize(("chosen", "found", "zig", "command"), [
    ("ccache g++", {"c++": "/c"}, True, ["ccache", "g++"]),
    (None, {"c++": "/c", "g++": "/g"}, True, ["/c"]),
    (None, {"clang++": "/l", "g++": "/g"}, True, ["/g"]), (None, {"clang++": "/l"}, True, ["/l"]),
    (None, {}, True, [sys.executable, "-m", "ziglang", "c++"]),
    (None, {}, False, None)])
def test_which_compiler(monkeypatch, chosen, found, zig, command):
    monkeypatch.delenv("CXX", raising=False)
    if chosen:
        monkeypatch.setenv("CXX", chosen)
    monkeypatch.setattr(programs.shutil, "which", found.get)
    monkeypatch.setattr(programs, "find_spec", lambda name: zig and name == "ziglang")
    if command is None:
        with pytest.raises(ToolError, match="A C\\+\\+ compiler is missing"):
            programs.cxx()
    else:
        assert programs.cxx() == command


@pytest.mark.parametrize(("which", "script", "found"), [
    ("/path", "/script", "/path"), (None, "/script", "/script"), (None, None, None)])
def test_a_program_on_path_goes_before_that_of_pypi(monkeypatch, which, script, found):
    monkeypatch.setattr(programs.shutil, "which", lambda name: which)
    monkeypatch.setattr(programs, "_script", lambda name: script if name == "gowin_pack" else None)
    assert programs.program("gowin_pack") == found
    if found:
        assert programs.needed("gowin_pack") == found
    else:
        with pytest.raises(ToolError, match="gowin_pack is missing: pip install apycula"):
            programs.needed("gowin_pack")


def test_a_version_is_the_first_line(printed):
    printed["text"] = " Tool 1.2 \nmore\n"
    assert programs.version("tool-of-this-test", "-V") == "Tool 1.2"
    assert printed["command"] == ["tool-of-this-test", "-V"]


def test_yosys_version_is_of_the_yosys_that_runs(printed, monkeypatch):
    printed["text"] = "Yosys 0.1"
    monkeypatch.setenv("QHW_YOSYS", "yosys-of-this-test -s")
    assert programs.yosys_version() == "Yosys 0.1"
    assert printed["command"] == ["yosys-of-this-test", "-V"]
    monkeypatch.delenv("QHW_YOSYS")
    monkeypatch.setattr(programs, "find_spec", lambda name: True)
    monkeypatch.setattr(programs.metadata, "version", lambda name: f"{name} 9")
    assert programs.yosys_version() == "Yosys pyosys 9"
