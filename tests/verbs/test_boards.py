"""Networks on boards: what is built, what is programmed, and answers that are compared."""

import json
import shutil

import numpy as np
import pytest

import qhw
from qhw import verbs
from qhw.board import bitstream as flow
from qhw.board.on_board import infer
from qhw.errors import QhwError, ToolError
from qhw.fold.goal import Goal
from qhw.loaders import shipped
from qhw.lower import lower
from qhw.tools import programs
from tests.board.test_bitstream import network


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board") / "out"
    return folder, qhw.build(network(), folder, board="icebreaker", goal=Goal(clock_mhz=18))


def test_a_bitstream(built):
    folder, known = built
    placed = known["place"]
    assert placed["clock_mhz"] == 18 <= placed["fmax_mhz"]
    assert 0 < placed["luts"] <= placed["of"]["luts"] == 5280
    assert placed["inferences_per_second"] == pytest.approx(18e6 / known["cycles_per_inference"])
    bits = (folder / placed["bitstream"]).read_bytes()
    assert bits[:8].find(b"\x7e\xaa\x99\x7e") >= 0          # iCE40's preamble
    assert sorted(p.name for p in folder.iterdir()) == known["files"]
    assert json.loads((folder / "report.json").read_text())["place"] == placed
    page = (folder / "report.html").read_text()
    assert "icebreaker; place and route reach" in page


@pytest.mark.parametrize(("asked", "says"), [
    ({}, None), ({"goal": Goal(clock_mhz=18)}, None), ({"baud": 1_000_000}, None),
    ({"goal": Goal(fps=1000)}, None), ({"goal": Goal(luts=5000)}, None), ({"cycles": 64}, None),
    ({"goal": Goal(clock_mhz=24)}, "its clock is 18 MHz and not 24"),
    ({"goal": Goal(fps=1e9)}, r"it makes \d+ inferences/s and not 1000000000"),
    ({"goal": Goal(luts=3)}, r"its estimate is \d+ LUTs and not 3"),
    ({"baud": 9600}, "its link has 1000000 baud and not 9600"),
    ({"folds": {"fc1": (1, 1)}}, "layer 'fc1' is not known to be folded like that"),
    ({"folds": {"*": ()}}, r"layer '\*' is not known to be folded like that"),
])
def test_what_is_built_answers_what_is_asked(asked, says, built, programmer, monkeypatch):
    """A goal that is not asked is no difference; nothing is built in a folder that was chosen."""
    folder, _ = built
    monkeypatch.setattr("qhw.verbs.boards.build", None)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    if says is None:
        found = verbs.flash(network(), board="icebreaker", output=folder, **asked)
        assert not found["built"] and programmer.exists()
    else:
        with pytest.raises(QhwError, match=says):
            verbs.flash(network(), board="icebreaker", output=folder, **asked)
        assert not programmer.exists()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_only_what_is_asked_to_stay_goes_to_flash_memory(built, programmer, monkeypatch):
    folder, _ = built
    asked = []
    monkeypatch.setattr("qhw.verbs.boards.programmer.flash",
                        lambda *_, keep: asked.append(keep) or "fake")
    for words in ({}, {"keep": True}, {"keep": False}):
        verbs.flash(network(), board="icebreaker", output=folder, **words)
    assert asked == [False, True, False]


def test_another_network_or_board(built, programmer, monkeypatch):
    folder, _ = built
    monkeypatch.setattr("qhw.verbs.boards.build", None)
    other = network(inputs=4)
    with pytest.raises(QhwError, match="its network bits computes something else than bits"):
        verbs.flash(other, board="icebreaker", output=folder)
    with pytest.raises(QhwError, match="it is for icebreaker and not for ice40-hx8k-evn"):
        verbs.flash(network(), board="ice40-hx8k-evn", output=folder)
    assert not programmer.exists()


def test_what_is_not_as_it_was_written_is_not_programmed(built, programmer, tmp_path, monkeypatch):
    folder, known = built
    monkeypatch.setattr("qhw.verbs.boards.build", None)
    for file in (known["place"]["bitstream"], "report.json"):
        shutil.copytree(folder, tmp_path / file)
        with (tmp_path / file / file).open("ab") as changed:
            changed.write(b" ")
        with pytest.raises(QhwError, match=f"{file}: it is not as qhw wrote it"):
            verbs.flash(network(), board="icebreaker", output=tmp_path / file)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/report.json").write_text("{}")
    with pytest.raises(QhwError, match="mine: it was not written by qhw"):
        verbs.flash(network(), board="icebreaker", output=tmp_path / "mine")
    assert not programmer.exists()


def test_the_programmer_is_looked_for_first(built, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "program", lambda name: None)
    monkeypatch.setattr("qhw.verbs.boards.build", None)
    for folder in (built[0], tmp_path / "none"):
        with pytest.raises(ToolError, match="No programmer for icebreaker is installed"):
            verbs.flash(network(), board="icebreaker", output=folder)


@pytest.fixture
def programmer(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "iceprog"
    path.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/got\n')
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path / "got"


def test_flash_takes_what_is_built(built, programmer, monkeypatch):
    folder, known = built
    monkeypatch.setattr(flow._Build, "run", None)
    found = verbs.flash(network(), board="icebreaker", output=folder, goal=Goal(clock_mhz=18))
    assert not found["built"] and found["flashed"].startswith("iceprog ")
    assert programmer.read_bytes() == (folder / known["place"]["bitstream"]).read_bytes()


def test_a_failed_build_leaves_what_was_there(built, monkeypatch):
    folder, _ = built
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def broken(*args, **more):
        raise ToolError("nextpnr-ice40 failed with status 1: ERROR")
    monkeypatch.setattr(flow, "place", broken)
    with pytest.raises(ToolError, match="nextpnr-ice40 failed"):
        qhw.build(network(), folder, board="icebreaker", goal=Goal(clock_mhz=18))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_wrong_answer_would_be_seen(monkeypatch):
    """A board that answers something else, with everything else right."""
    x, _ = verbs.read_input(shipped()["digits-binary"].parent / "digits" / "test.npz", 20)
    x = x.astype(np.int64)

    def wrong(*args, **how):
        found = infer(*args, **how)
        found.codes[7] += 1
        return found

    monkeypatch.setattr("qhw.verbs.boards.infer", wrong)
    graph = lower(qhw.load("digits-binary"))
    folds = {n.name: (n.op.pe, n.op.simd) for n in graph.nodes if n.op.kind == "matvec"}
    found = verbs.run("digits-binary", x, port="sim", board="icebreaker", baud=1_000_000,
                      folds=folds, check=True)
    assert (found.matches, found.checked) == (19, True)
