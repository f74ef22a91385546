"""Searches that are kept: one search for a network and a goal, whoever asks again."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from qhw.errors import ModelError
from qhw.fold import kept as kept_module
from qhw.fold.goal import Goal, reach
from qhw.fold.kept import kept
from qhw.graph import PeSimd
from qhw.targets import target
from qhw.targets.boards import board
from qhw.tools.store import Store
from qhw.verilog.design import Design
from tests.fold.every import network

CHIP, GOAL = target("ice40hx8k"), Goal(cycles=4)


@pytest.fixture
def searches(monkeypatch):
    """The goals that are searched for."""
    found = []

    def counted(graph, goal, *args):
        found.append(goal)
        return reach(graph, goal, *args)

    monkeypatch.setattr(kept_module, "reach", counted)
    return found


def test_the_second_time_it_is_read(tmp_path, searches):
    """The same hardware, to the letter, and the same record."""
    store = Store(tmp_path)
    for on in (None, board("ice40-hx8k-evn")):
        first, known = kept(network("dense"), GOAL, CHIP, on, store=store)
        again, same = kept(network("dense"), GOAL, CHIP, on, store=store)
        assert same == known and same.json() == known.json()
        assert Design.of(again, CHIP).files == Design.of(first, CHIP).files
    assert searches == [GOAL, GOAL]


def test_memories_in_luts_come_back(tmp_path, searches):
    """``worth`` is part of what was found."""
    scarce = replace(CHIP, brams=1)
    found = [kept(network("image"), Goal(), scarce, store=Store(tmp_path)) for _ in range(2)]
    assert found[0][0].worth == found[1][0].worth == found[1][1].worth
    assert Design.of(found[0][0], scarce).files == Design.of(found[1][0], scarce).files
    assert len(searches) == 1


@pytest.mark.parametrize("other", [
    {"goal": Goal(cycles=8)}, {"graph": network("odd")}, {"target": target("ice40up5k")},
    {"target": replace(CHIP, luts=5000)}, {"board": board("ice40-hx8k-evn")},
    {"folds": {"fc0": PeSimd(1, 2)}}], ids=lambda other: next(iter(other)))
def test_another_question_is_searched(other, tmp_path, searches):
    asked = {"graph": network("dense"), "goal": GOAL, "target": CHIP}
    for one in (asked, {**asked, **other}):
        kept(**one, store=Store(tmp_path))
    assert len(searches) == 2


def test_a_refusal_is_not_kept(tmp_path, searches):
    for _ in range(2):
        with pytest.raises(ModelError, match="folded to the smallest"):
            kept(network("dense"), Goal(luts=100), CHIP, store=Store(tmp_path))
    assert len(searches) == 2


def test_another_process_finds_it(tmp_path, searches):
    code = ("import sys; from pathlib import Path; from tests.fold.test_kept import *\n"
            "kept(network('dense'), GOAL, CHIP, board('ice40-hx8k-evn'),"
            " store=Store(Path(sys.argv[1])))")
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
    kept(network("dense"), GOAL, CHIP, board("ice40-hx8k-evn"), store=Store(tmp_path))
    assert not searches


def entry(folder):
    """The file of the one result that is kept."""
    path, = folder.rglob("*.json")
    return path


def spoiled(folder, change):
    """Changes the result that is kept; its digest is right again."""
    path = entry(folder)
    content = json.loads(path.read_text())
    change(content["result"])
    Store(folder).put(content["key"], content["result"])


@pytest.mark.parametrize("change", [
    lambda known: known["folds"].update(fc0={"pe": 99, "simd": 1}),
    lambda known: known["folds"].update(fc0={"pe": "two", "simd": 1}),
    lambda known: known["folds"].update(fc0={"pe": 1}),
    lambda known: known["folds"].update(nowhere={"pe": 1, "simd": 1}),
    lambda known: known["folds"].update(fc0=[1]),
    lambda known: known["folds"].update(fc0={"pe": 1, "simd": 1, "multiply": "magic"}),
    lambda known: known["folds"].update(fc0={"pe": 1, "simd": 1}),      # slower than it says
    lambda known: known.update(cycles=known["cycles"] + 1), lambda known: known.update(cycles="4"),
    lambda known: known.update(worth="many"), lambda known: known.update(folds=None),
    lambda known: known.update(asked={"cycles": 5}), lambda known: known.update(reserve=7),
    lambda known: known.pop("limits"), lambda known: known.clear()],
    ids=range(15))
def test_what_is_kept_and_not_sound_is_searched_again(change, tmp_path, searches):
    """Written by something that knows the digest, but says what this network does not do."""
    store = Store(tmp_path)
    first, known = kept(network("dense"), GOAL, CHIP, store=store)
    spoiled(tmp_path, change)
    again, same = kept(network("dense"), GOAL, CHIP, store=store)
    assert len(searches) == 2 and same == known
    assert Design.of(again, CHIP).files == Design.of(first, CHIP).files
    assert kept(network("dense"), GOAL, CHIP, store=store)[1] == known and len(searches) == 2


@pytest.mark.parametrize("content", [
    b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"key": 1}'], ids=range(7))
def test_what_is_no_result_at_all_is_searched_again(content, tmp_path, searches):
    known = kept(network("dense"), GOAL, CHIP, store=Store(tmp_path))[1]
    entry(tmp_path).write_bytes(content)
    assert kept(network("dense"), GOAL, CHIP, store=Store(tmp_path))[1] == known
    assert len(searches) == 2


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path, searches):
    """A file is in its place, as of a full or a read-only disk."""
    (tmp_path / "folds").write_text("")
    for count in (1, 2):
        kept(network("dense"), GOAL, CHIP, store=Store(tmp_path / "folds"))
        assert len(searches) == count


def test_two_processes_at_once_and_one_that_is_killed(tmp_path, searches):
    """Whatever they leave behind, the result is the same."""
    code = ("import sys; from pathlib import Path; from tests.fold.test_kept import *\n"
            "for _ in range(5):\n"
            "    kept(network('dense'), GOAL, CHIP, store=Store(Path(sys.argv[1])))\n"
            "    [path.unlink(True) for path in Path(sys.argv[1]).rglob('*.json')]\n")
    both = [subprocess.Popen([sys.executable, "-c", code, tmp_path]) for _ in range(2)]
    known = kept(network("dense"), GOAL, CHIP, store=Store(tmp_path))[1]
    both[0].kill()
    for one in both:
        one.wait()
    assert both[1].returncode == 0
    assert kept(network("dense"), GOAL, CHIP, store=Store(tmp_path))[1] == known
