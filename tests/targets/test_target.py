"""The registry of chips, and that a family is one file: one is written here, with its prices."""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.cli import main
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input
from qhw.schemes.ternary import Ternary
from qhw.targets import families, family, target, targets

PRICES = import_module("qhw.estimator.prices")

PLAIN = '''"""An invented chip of plain LUTs of four inputs, without carries and block RAM."""

from .family import Family
from .primitives import Primitives
from .target import Target
from .timing import Delays

PLAIN = Family("plain", "synth -flatten -lut 4", rom=1 << 30,
               primitives=Primitives(("$_DFF", "$_SDFF"), luts={"$lut": 1}, blocks={}), models=())
TARGETS = (Target("plain-1k", PLAIN, Delays(2, 2, 1, 0, 0), 1000, about="An invented chip"),)
'''


def network():
    codes = Ternary().quantize(np.random.default_rng(0).normal(size=(4, 16)))
    return Graph("net", (Node("input", Input((16,), Int(0, 15))),
                         Node("fc1", Dense(Ternary(), codes, fold=PeSimd(2, 4)), ("input",))))


@pytest.fixture
def invented(tmp_path, monkeypatch):
    """The file in the room, and the prices of another family in its name."""
    (tmp_path / "plain.py").write_text(PLAIN)
    known = json.loads(PRICES.FILE.read_text())
    (tmp_path / "prices.json").write_text(json.dumps(known | {"plain": known["gowin"]}))
    room = import_module("qhw.targets")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    monkeypatch.setattr(PRICES, "FILE", tmp_path / "prices.json")
    forget()
    yield
    monkeypatch.undo()
    sys.modules.pop("qhw.targets.plain", None)
    forget()


def forget():
    for known in (targets, families, PRICES.prices):
        known.cache_clear()


def test_a_family_is_one_file(invented, monkeypatch, capsys):
    """It is listed, estimated, synthesized and simulated as its cells."""
    monkeypatch.setattr("sys.argv", ["qhw", "targets", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["plain-1k"]["luts"], rows["plain-1k"]["about"]) == (1000, "An invented chip")
    found = qhw.synth(network(), "plain-1k")
    assert found["estimate"]["luts"] > 0 and found["measured"]["luts"] > 0
    assert found["measured"]["ffs"] == pytest.approx(found["estimate"]["ffs"], rel=0.1)
    assert found["measured"]["carries"] == found["measured"]["brams"] == 0
    x = np.random.default_rng(0).integers(0, 16, (20, 16))
    assert qhw.simulate(network(), x, engine="netlist", target="plain-1k").matches == 20


def test_each_family_is_priced_by_the_samples_of_one_chip():
    """Which chip, and which family's samples count too, is said where the family is."""
    for one in families().values():
        assert len([t for t in targets() if t.family is one and t.samples]) == 1
        assert not one.like or one.like in families() and one.like != one.name
    assert "ice40hx8k" not in Path(qhw.__file__).parents[1].joinpath("Makefile").read_text()


def test_a_family_without_prices_is_refused(invented, tmp_path):
    (tmp_path / "prices.json").write_text("{}")
    with pytest.raises(ModelError, match=r"Family 'plain' has no prices in prices\.json"):
        qhw.estimate(network(), "plain-1k")


def test_chips_and_families_have_names_of_their_own():
    names = [one.name for one in targets()]
    assert len(names) == len(set(names))
    assert all(target(name).name == name for name in names)
    assert all(family(name).name == name for name in families())
    assert {one.family for one in targets()} == {*families().values()}


def test_what_is_not_there_is_said():
    with pytest.raises(ModelError, match="Target 'ice41' is not one of ice40hx8k, ice40lp8k, "):
        target("ice41")
    with pytest.raises(ModelError, match="Family 'spartan' is not one of ice40, ice40up, ecp5, "):
        family("spartan")
