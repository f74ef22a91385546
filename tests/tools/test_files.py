"""What is the user's is never lost: folders, links, edits, devices, and kill -9 anywhere."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from qhw.errors import QhwError
from qhw.tools import files
from qhw.tools.files import MANIFEST, check_folder, check_npz, check_whole, write_folder, write_npz

OLD = {"a.v": "old a", "deep/b.hex": "old b", "gone.v": "old", "deep/gone/c.v": "old"}
NEW = {"a.v": "new a", "deep/b.hex": "new b", "more.v": b"new", "other/d.v": "new"}
MINE = {"notes.txt": "mine", "deep/mine.txt": "mine", "board/run.log": "mine"}


def content(folder):
    """All files by name, less the manifest."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and p.name != MANIFEST}


def as_bytes(texts):
    return {name: text if isinstance(text, bytes) else text.encode()
            for name, text in texts.items()}


def add(folder, texts):
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)


def test_only_what_is_ours_is_replaced(tmp_path):
    out = tmp_path / "out"
    write_folder(out, OLD)
    assert content(out) == as_bytes(OLD)
    add(out, MINE)
    (out / "empty").mkdir()
    (out / "link").symlink_to("/etc")
    (out / "gone.v").unlink()       # one that the user wants no more
    write_folder(out, NEW)
    assert content(out) == as_bytes(NEW | MINE)
    assert (out / "empty").is_dir() and (out / "link").is_symlink()
    assert not (out / "deep/gone").exists()
    assert json.loads((out / MANIFEST).read_text())["files"].keys() == NEW.keys()


def edited(path, text="edited"):
    path.unlink()
    path.write_text(text)


REFUSED = {
    "no manifest": (lambda out: (out / MANIFEST).unlink(), "it has files and no qhw-manifest"),
    "a manifest of somebody else": (
        lambda out: (out / MANIFEST).write_text('{"files": {"a.v": ""}}'), "it has files and no"),
    "a manifest that leaves its folder": (
        lambda out: (out / MANIFEST).write_text(json.dumps(
            {"by": "qhw", "what": "build", "files": {"../mine": ""}})), "it has files and no"),
    "a manifest that is a link": (
        lambda out: (out / MANIFEST).rename(out / "m") and (out / MANIFEST).symlink_to("m"),
        "it has files and no"),
    "a manifest too deep to read": (
        lambda out: (out / MANIFEST).write_text("[" * 100_000), "it has files and no"),
    "edited": (lambda out: edited(out / "deep/b.hex"), r"deep/b\.hex: it was edited since"),
    "edited, and not written again": (lambda out: edited(out / "gone.v"), r"gone\.v: it was edit"),
    "a new file's name": (lambda out: edited(add(out, {"more.v": ""}) or out / "more.v"),
                          r"more\.v: qhw writes a file of this name"),
    "a link in place of a file": (
        lambda out: (out / "a.v").rename(out / "x") and (out / "a.v").symlink_to("x"),
        r"a\.v: it was edited"),
    "a link in place of a folder": (
        lambda out: (out / "deep").rename(out / "x") and (out / "deep").symlink_to("x"),
        "deep: qhw writes a folder of this name"),
    "a file in place of a folder": (lambda out: add(out, {"other": "mine"}),
                                    "other: qhw writes a folder of this name"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_not_touched(what, tmp_path):
    out = tmp_path / "out"
    write_folder(out, OLD)
    add(out, MINE)
    change, says = REFUSED[what]
    change(out)
    before = {p: p.readlink() if p.is_symlink() else p.read_bytes() for p in out.rglob("*")
              if not p.is_dir()}
    with pytest.raises(QhwError, match=says) as said:
        write_folder(out, NEW)
    assert "\n" not in str(said.value)
    assert {p: p.readlink() if p.is_symlink() else p.read_bytes() for p in out.rglob("*")
            if not p.is_dir()} == before


def test_what_holds_something_else_is_refused(tmp_path):
    """A description that qhw wrote is no place for the build that is made of it."""
    write_folder(tmp_path / "out", OLD, "description")
    for check in (check_folder, lambda out: write_folder(out, NEW)):
        with pytest.raises(QhwError, match="it holds the description that qhw wrote; name another "
                                           "folder for the build"):
            check(tmp_path / "out")
    assert content(tmp_path / "out") == as_bytes(OLD)
    check_whole(tmp_path / "out", OLD, "description")
    with pytest.raises(QhwError, match="out: it holds the description that qhw wrote, and no "
                                       "build"):
        check_whole(tmp_path / "out", ["report.json"])


def test_links_are_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("made")
    for name, real in (("link", "real"), ("dangling", "made")):
        for texts in (OLD, NEW):
            write_folder(tmp_path / name, texts)
            assert (tmp_path / name).is_symlink()
            assert content(tmp_path / real) == as_bytes(texts)
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for check in (check_folder, lambda out: write_folder(out, NEW)):
        with pytest.raises(QhwError, match=r"a: .*([Ll]oop|links)"):
            check(tmp_path / "a")


def test_the_folder_one_stands_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_folder(Path(), OLD)
    write_folder(Path(), NEW)
    assert content(tmp_path) == as_bytes(NEW)


def test_what_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "file", tmp_path / "fifo", Path("/dev/null"), tmp_path / "file/under"):
        with pytest.raises(QhwError, match=r"it is no folder|Not a directory"):
            write_folder(path, NEW)
    assert (tmp_path / "file").read_text() == "mine" and (tmp_path / "fifo").is_fifo()


def test_what_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    """A full disk, with and without a folder that was there."""
    def full(path, data):
        raise OSError(28, "No space left on device", str(path))
    write_folder(tmp_path / "old", OLD)
    monkeypatch.setattr(Path, "write_bytes", full)
    for name in ("old", "new"):
        with pytest.raises(QhwError, match="No space left on device"):
            write_folder(tmp_path / name, NEW)
    assert content(tmp_path / "old") == as_bytes(OLD) and not (tmp_path / "new").exists()


def test_two_at_once(tmp_path, monkeypatch):
    def meanwhile(*args):
        with pytest.raises(QhwError, match="another qhw is writing there"):
            write_folder(tmp_path, OLD)
        return stage(*args)
    stage = files._stage
    monkeypatch.setattr(files, "_stage", meanwhile)
    write_folder(tmp_path, NEW)
    assert content(tmp_path) == as_bytes(NEW)


# -- kill -9

EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}


def killed(out, texts, at):
    """Writes in a process that is gone before what it does to the file system for the ``at``-th
    time; whether it got so far."""
    done = 0

    def watch(event, args):
        nonlocal done
        if event in EVENTS and (event != "open" or args[1] not in ("r", "rb", None)):
            done += 1
            if done > at:
                os._exit(9)
    process = get_context("fork").Process(target=lambda: (
        sys.addaudithook(watch), write_folder(out, texts), os._exit(0)))
    process.start()
    process.join()
    assert process.exitcode in (0, 9)
    return process.exitcode == 9


def test_killed_anywhere(tmp_path):
    """Whatever the moment: nothing of the user is lost; the old files are there or all of the new
    ones are; the next run ends as if nothing had been, and so does one that writes the old."""
    at = 0
    while True:
        for after in (NEW, OLD):
            out = tmp_path / f"{at}-{after is NEW}"
            write_folder(out, OLD)
            add(out, MINE)
            cut = killed(out, NEW, at)
            left = content(out)
            assert as_bytes(MINE).items() <= left.items()
            staged = {name.removeprefix(f"{files.NEXT}/"): text for name, text in left.items()
                      if name.startswith(files.NEXT)}
            placed = {name: text for name, text in left.items() if not name.startswith(".qhw-")}
            assert (as_bytes(OLD).items() <= left.items()
                    or as_bytes(NEW).items() <= (placed | staged).items())
            check_folder(out)
            write_folder(out, after)
            assert content(out) == as_bytes(after | MINE)
            assert not list(out.glob(".qhw-*"))
        if not cut:
            break
        at += 1
    assert at > 20


def test_killed_before_there_was_anything(tmp_path):
    at = 0
    while killed(out := tmp_path / str(at), NEW, at):
        write_folder(out, OLD)
        assert content(out) == as_bytes(OLD)
        at += 1
    assert at > 10


def test_an_edit_after_a_kill_is_kept(tmp_path):
    write_folder(tmp_path / "out", OLD)
    at = 0
    while True:
        out = tmp_path / str(at)
        write_folder(out, OLD)
        cut = killed(out, NEW, at)
        edited(out / "a.v", "edited")
        with pytest.raises(QhwError, match=r"a\.v: it was edited since"):
            write_folder(out, NEW)
        assert (out / "a.v").read_text() == "edited"
        (out / "a.v").rename(out / "kept.v")
        write_folder(out, NEW)
        assert content(out) == as_bytes(NEW) | {"kept.v": b"edited"}
        if not cut:
            break
        at += 1


def test_an_edit_of_what_is_to_go_is_kept(tmp_path):
    at, cut = 0, True
    while cut:
        out = tmp_path / str(at)
        write_folder(out, OLD)
        cut = killed(out, NEW, at)
        (out / "gone.v").write_text("edited")
        with suppress(QhwError):
            write_folder(out, NEW)
        assert (out / "gone.v").read_text() == "edited"
        at += 1


# -- single files

ARRAYS = {"y": np.arange(3.0), "codes": np.arange(3)}


def test_a_file_of_ours_is_replaced(tmp_path):
    path = tmp_path / "deep/y.npz"
    write_npz(path, ARRAYS)
    write_npz(path, {"y": np.zeros(2)})
    with np.load(path) as found:
        assert found.files == ["y"] and np.array_equal(found["y"], np.zeros(2))
    assert [p.name for p in path.parent.iterdir()] == ["y.npz"]
    (tmp_path / "link.npz").symlink_to("deep/y.npz")
    write_npz(tmp_path / "link.npz", ARRAYS)
    assert (tmp_path / "link.npz").is_symlink()
    with np.load(path) as found:
        assert found.files == ["y", "codes"]
    (tmp_path / "new.npz").touch()      # as mktemp makes it
    write_npz(tmp_path / "new.npz", ARRAYS)


def changed(path):
    """With another value, as numpy writes it."""
    write_npz(path, ARRAYS)
    np.savez(path, **{**ARRAYS, "y": np.ones(3)})


def flipped(path):
    """In the middle of an archive that is ours."""
    write_npz(path, ARRAYS)
    whole = bytearray(path.read_bytes())
    at = whole.rindex(b"PK\x01\x02") + 16       # the checksum in the last entry
    whole[at] ^= 1
    path.write_bytes(whole)


FOREIGN = {
    "text": lambda path: path.write_text("mine"),
    "an archive": lambda path: np.savez(path, x=np.zeros(3), y=np.zeros(3)),
    "an archive with our names": lambda path: np.savez(path, **ARRAYS),
    "changed": changed, "flipped": flipped,
    "a folder": lambda path: path.mkdir(),
    "a FIFO": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/null"),
}


def looks(path):
    """A file without the time of its last reading."""
    found = path.lstat()
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns



@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_not_ours_stays(what, tmp_path):
    path = tmp_path / "y.npz"
    FOREIGN[what](path)
    before = looks(path)
    for write in (check_npz, lambda path: write_npz(path, ARRAYS)):
        with pytest.raises(QhwError, match=r"is no file|was not written by qhw"):
            write(path)
    assert looks(path) == before or not path.is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["y.npz"]


def test_the_command_says_so_before_it_begins(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/metadata.json").write_text("{}")
    (tmp_path / "y.npz").write_text("mine")
    for words in (["build", "digits-ternary", "-o", "out"],
                  ["simulate", "digits-ternary", "--input", "none.npz", "--output", "y.npz"],
                  ["quantize", "digits-float", "--scheme", "inq", "-o", "out"],
                  ["compare", "digits-float", "--target", "xc7", "-o", "out"]):
        done = subprocess.run([sys.executable, "-m", "qhw", *words], cwd=tmp_path, text=True,
                              capture_output=True, check=False)
        assert done.returncode == 1 and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and "was not written by" in done.stderr
    assert content(tmp_path) == {"out/metadata.json": b"{}", "y.npz": b"mine"}
