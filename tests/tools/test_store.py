"""What is kept, by what name, and what becomes of it when something goes wrong."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

from qhw.exploration import points, sweep, workers
from qhw.exploration.points import Network, attempt
from qhw.tools import store as store_module
from qhw.tools.store import Store, fingerprint
from tests.tiny import tiny_samples, write_tiny

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def network(tmp_path):
    return Network.of(write_tiny(tmp_path / "tiny"), *tiny_samples())


@pytest.fixture
def evaluations(monkeypatch):
    """The points that are computed, here rather than elsewhere."""
    seen = []

    def local(network, wanted, jobs):
        for key, point in wanted.items():
            seen.append((point.label, point.target))
            yield key, attempt(network, point, points.source())

    monkeypatch.setattr(workers, "local", local)
    return seen


def test_what_is_put_is_got(store):
    assert store.get(KEY) is None
    store.put(KEY, {"luts": 3, "error": None})
    assert store.get(KEY) == {"luts": 3, "error": None}
    store.put(KEY, {"luts": 4})
    assert store.get(KEY) == {"luts": 4}
    assert [p.name for p in store.folder.rglob("*") if p.is_file()] == [f"{KEY}.json"]


@pytest.mark.parametrize("text", [
    "", "{", "[]", "3", '{"key": 1, "result": {}}', '{"result": {"luts": 3}}',
    "[" * 100_000, f'{{"key": "{KEY}", "result": {{"luts": 3}}}}',
    f'{{"key": "{KEY}", "digest": null, "result": [3]}}',
    f'{{"key": "{"cd" * 32}", "result": {{"luts": 3}}}}'])
def test_what_is_broken_is_missing(store, text):
    store.put(KEY, {"luts": 3})
    path, = (p for p in store.folder.rglob("*") if p.is_file())
    path.write_text(text)
    assert store.get(KEY) is None


EDITS = [('"luts": 3', '"luts": 4'), ('"error": null', '"error": "it does not fit"'),
         ('"luts": 3, ', ""), ('"fits": true', '"fits": true, "more": 1'), ("2.5", "2.50001")]


@pytest.mark.parametrize(("old", "new"), EDITS)
def test_what_is_edited_is_missing(store, old, new):
    store.put(KEY, {"luts": 3, "error": None, "accuracy": 2.5, "layers": [{"a": 0.1}],
                    "fits": True})
    path, = (p for p in store.folder.rglob("*") if p.is_file())
    text = path.read_text()
    assert old in text and store.get(KEY)
    path.write_text(text.replace(old, new))
    assert store.get(KEY) is None


def test_a_row_under_the_name_of_another_is_missing(store):
    store.put(KEY, {"luts": 3})
    other = "cd" * 32
    text = store._path(KEY).read_text()
    for moved in (text, text.replace(KEY, other)):
        store._path(other).parent.mkdir(exist_ok=True)
        store._path(other).write_text(moved)
        assert store.get(other) is None


def test_every_truncation_is_missing(store):
    store.put(KEY, {"luts": 3, "layers": [{"name": "fc1"}]})
    path, = (p for p in store.folder.rglob("*") if p.is_file())
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert store.get(KEY) is None
    path.write_bytes(b"\xff" + whole)
    assert store.get(KEY) is None


def test_a_folder_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("mine")
    store = Store(tmp_path / "file")
    store.put(KEY, {})
    assert store.get(KEY) is None and store.fault.endswith("Not a directory")
    assert "\n" not in store.fault and (tmp_path / "file").read_text() == "mine"


def test_a_folder_in_the_place_of_a_row_is_named(store):
    store._path(KEY).mkdir(parents=True)
    store.put(KEY, {})
    assert store.get(KEY) is None and store.fault == f"{store._path(KEY)}: Is a directory"


@dataclass(frozen=True)
class Pair:
    a: object
    b: object


def test_fingerprints_tell_all_apart():
    things = [None, 0, 0.0, False, "", "0", b"0", (), ("0",), ("", ""), ("", ("",)), {}, {"": ""},
              {"a": 1, "b": 2}, {"a": 2, "b": 1}, Pair(1, 2), Pair(2, 1), (1, 2), Pair((), ()),
              np.zeros(2), np.zeros(2, np.int64), np.zeros((2, 1)), np.zeros((1, 2)), np.ones(2)]
    assert len({fingerprint(thing) for thing in things}) == len(things)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    strided = np.arange(12).reshape(3, 4)[:, ::2]
    assert fingerprint(strided) == fingerprint(strided.copy())


def test_objects_in_arrays_tell_apart_by_their_content():
    """Wherever they lie in memory."""
    first, again = (np.array([[Fraction(n, 3), 1 << 70]], object) for n in (int("7"), int("7")))
    assert fingerprint(first) == fingerprint(again)
    things = [first, first.T, np.array([[Fraction(8, 3), 1 << 70]], object), first.tolist()]
    assert len({fingerprint(thing) for thing in things}) == len(things)


def test_a_key_is_of_all_that_decides(network, tmp_path, monkeypatch):
    point, = sweep.points(network.graph, ["binary"], ["ecp5-25k"])
    x, labels = tiny_samples()
    others = [
        (network, replace(point, target="ice40hx8k")),
        (network, replace(point, options={"cycles": 64})),
        (network, replace(point, synth=True)),
        (network, replace(point, per_tensor=True)),
        (network, *sweep.points(network.graph, ["fixed"], ["ecp5-25k"])),
        (network, *sweep.points(network.graph, ["fc1=fixed,fc2=binary"], ["ecp5-25k"])),
        (Network.of(write_tiny(tmp_path / "other", seed=1), x, labels), point),
        (Network.of(tmp_path / "tiny"), point),
        (Network.of(tmp_path / "tiny", x, labels, limit=5), point),
        (Network.of(tmp_path / "tiny", x, labels[::-1]), point)]
    keys = {one.key(of) for of, one in [(network, point), *others]}
    assert len(keys) == 1 + len(others)
    (tmp_path / "tiny").rename(tmp_path / "elsewhere")
    again = Network.of(tmp_path / "elsewhere", x, labels)
    assert replace(point, label="another name").key(again) == point.key(network)
    monkeypatch.setattr(points, "source", lambda: "another estimator")
    assert point.key(network) not in keys


def test_nothing_is_computed_twice(network, store, evaluations):
    """Neither what is asked for by two names, nor what is known from before, errors included."""
    texts = ["binary", "fixed", "fixed:bits=4", "product:length=3"]
    wanted = sweep.points(network.graph, texts, ["ecp5-25k", "xc7"])
    found, computed = sweep.rows(network, wanted, store=store)
    assert computed == len(evaluations) == 6
    assert [row["scheme"] for row in found[::2]] == texts
    assert found[2]["luts"] == found[4]["luts"] and found[0]["error"] is None
    assert "Pieces of 3 inputs do not divide the 8" in found[6]["error"]
    again, computed = sweep.rows(network, wanted, store=store)
    assert (again, computed, len(evaluations)) == (found, 0, 6)
    broken, edited = list(store.folder.rglob("*.json"))[:2]
    broken.write_text(broken.read_text()[:-9])
    edited.write_text(edited.read_text().replace('"cycles": ', '"cycles": 1'))
    again, computed = sweep.rows(network, wanted, store=store)
    assert computed == 2 and len(evaluations) == 8
    assert [{**row, "seconds": 0} for row in again] == [{**row, "seconds": 0} for row in found]


def test_what_a_bug_or_a_tool_fails_at_is_tried_again(network, store, evaluations, monkeypatch):
    wanted = sweep.points(network.graph, ["binary", "fixed"], ["ecp5-25k"])
    estimate = points.verbs.estimate

    def broken(graph, target, **options):
        if "binary" in str(graph.by_name["fc1"].op.scheme):
            raise RuntimeError("out\nof luck")
        return estimate(graph, target, **options)

    monkeypatch.setattr(points.verbs, "estimate", broken)
    found, _ = sweep.rows(network, wanted, store=store)
    assert [row["error"] for row in found] == ["RuntimeError: out of luck", None]
    monkeypatch.undo()
    monkeypatch.setattr(workers, "local", lambda network, missing, jobs: (
        (key, attempt(network, point, points.source())) for key, point in missing.items()))
    found, computed = sweep.rows(network, wanted, store=store)
    assert computed == 1 and [row["error"] for row in found] == [None, None]


def test_what_is_compiled_is_no_part_of_the_source(tmp_path, monkeypatch):
    """Numba keeps native code beside Python's, as it comes to be needed."""
    (tmp_path / "module.py").write_text("one = 1\n")
    monkeypatch.setattr(store_module, "PACKAGE", tmp_path)
    before = store_module.source.__wrapped__()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/module.one-1.py311.nbi").write_bytes(b"native")
    assert store_module.source.__wrapped__() == before
    (tmp_path / "module.py").write_text("one = 2\n")
    assert store_module.source.__wrapped__() != before
