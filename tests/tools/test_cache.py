"""Entries of the cache: complete or absent, whatever happens to them and whoever makes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qhw.errors import ToolError
from qhw.tools import cache

FILES = {"simulator": b"#!/bin/sh\n", "w.hex": b"00\nff\n", "deep/er.v": b""}


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def make(folder):
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "simulator").chmod(0o700)


def never(folder):
    raise AssertionError("it is there")


def whole(entry):
    return {str(path.relative_to(entry)): path.read_bytes() for path in entry.rglob("*")
            if path.is_file() and path.name != cache.DIGESTS} == FILES and os.access(
                entry / "simulator", os.X_OK)


def test_an_entry_is_made_once():
    entry = cache.entry("kind", "key", make)
    assert whole(entry) and entry.name == "key" and entry == cache.entry("kind", "key", never)
    assert sorted(path.name for path in entry.parent.iterdir()) == ["key", "lock"]


def flip(entry):
    path = entry / "w.hex"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


DAMAGE = {
    "flipped": flip,
    "truncated": lambda entry: (entry / "simulator").write_bytes(b"#!"),
    "missing": lambda entry: (entry / "deep/er.v").unlink(),
    "more": lambda entry: (entry / "more.hex").write_bytes(b"0"),
    "not to be run": lambda entry: (entry / "simulator").chmod(0o600),
    "no digests": lambda entry: (entry / cache.DIGESTS).unlink(),
    "half of the digests": lambda entry: (entry / cache.DIGESTS).write_text(
        (entry / cache.DIGESTS).read_text()[:40]),
    "digests of another": lambda entry: (entry / cache.DIGESTS).write_text(
        (entry / cache.DIGESTS).read_text().replace("key", "yek", 2)),
    "empty": lambda entry: [path.unlink() for path in entry.rglob("*") if path.is_file()],
    "a file": lambda entry: (entry.rename(entry.with_name("old")), entry.write_text("mine")),
    "a link to nothing": lambda entry: (entry.rename(entry.with_name("old")),
                                        entry.symlink_to("nothing")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_made_again(damage):
    entry = cache.entry("kind", "key", make)
    DAMAGE[damage](entry)
    assert whole(cache.entry("kind", "key", make)) and cache.entry("kind", "key", never) == entry
    assert not list(entry.parent.glob("building-*"))


def test_what_is_not_made_leaves_nothing(kept):
    def fails(folder):
        make(folder)
        raise ToolError("no compiler")
    with pytest.raises(ToolError):
        cache.entry("kind", "key", fails)
    assert not list((kept / "kind").iterdir())


RACE = """
import sys, time
from pathlib import Path
from qhw.tools import cache
def make(folder):
    Path(sys.argv[1], f"here-{sys.argv[2]}").touch()
    while len(list(Path(sys.argv[1]).glob("here-*"))) < 2:
        time.sleep(0.01)
    for name, size in (("a", 1 << 20), ("b", 3)):
        (folder / name).write_bytes(b"x" * size)
entry = cache.entry("kind", "key", make)
print(entry, len((entry / "a").read_bytes()), (entry / "b").read_bytes())
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_make_one_entry(damaged, tmp_path, kept):
    """Both at once, each in the middle of it when the other begins."""
    if damaged:
        cache.entry("kind", "key", make)
        flip(kept / "kind/key")
    both = [subprocess.Popen([sys.executable, "-c", RACE, tmp_path, str(k)], text=True,
                             stdout=subprocess.PIPE) for k in range(2)]
    said = {process.communicate(timeout=60)[0] for process in both}
    assert said == {f"{kept}/kind/key {1 << 20} b'xxx'\n"}
    assert cache.entry("kind", "key", never) == kept / "kind/key"
    assert sorted(path.name for path in (kept / "kind").iterdir()) == ["key", "lock"]


def test_a_relative_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QHW_CACHE", "here")
    assert cache.entry("kind", "key", make) == tmp_path / "here/kind/key"


@pytest.mark.parametrize("wanted", ["file", "file/under", "/proc/none", "/dev/null"])
def test_a_folder_that_cannot_be_written(wanted, monkeypatch, tmp_path):
    """It is made for as long as this process lasts."""
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / wanted))
    entry = cache.entry("kind", "key", make)
    assert whole(entry) and entry == cache.entry("kind", "key", never)
    assert (tmp_path / "file").read_text() == "mine"


FULL = """
import sys
from qhw.tools import cache, programs
def make(folder):
    cache._for_now()
    full = cache.folder() in folder.parents
    (folder / "a").write_bytes(b"x")
    if full and sys.argv[1] == "itself":
        with open("/dev/full", "wb") as file:
            file.write(b"x" * 9)
    if full:
        programs.run(["sh", "-c", "printf x > /dev/full"], cwd=folder)
entry = cache.entry("kind", "key", make)
assert (entry / "a").read_bytes() == b"x" and cache.folder() not in entry.parents
print(entry)
"""


@pytest.mark.parametrize("writer", ["itself", "a program"])
def test_a_folder_that_is_full(writer, kept):
    said = subprocess.run([sys.executable, "-c", FULL, writer], text=True, capture_output=True,
                          check=True)
    assert not Path(said.stdout.strip()).exists()       # gone with the process
    assert not list((kept / "kind").iterdir())


def test_nobody_has_a_home(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")
    for variable in ("QHW_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert whole(cache.entry("kind", "key", make))
