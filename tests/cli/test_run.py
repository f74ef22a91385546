"""``qhw run`` as a user meets it, on a simulated board."""

import json

import numpy as np

import qhw
from qhw.link.link import identity
from qhw.loaders import shipped
from qhw.loaders.samples import read_input
from qhw.lower import lower
from tests.command import asked, fails, run


def test_run_as_a_user_meets_it(tmp_path):
    x, labels = read_input(shipped()["digits-binary"].parent / "digits" / "test.npz")
    x, graph = x.astype(np.int64), lower(qhw.load("digits-binary"))
    np.savez(tmp_path / "x.npz", x=x[:40], y=labels[:40])
    folds = {n.name: {"pe": n.op.pe, "simd": n.op.simd} for n in graph.nodes
             if n.op.kind == "matvec"}
    (tmp_path / "folds.json").write_text(json.dumps(folds))
    how = ["run", "digits-binary", "--input", tmp_path / "x.npz"]
    known = asked(*how, "--board", "icebreaker", "--port", "sim", "--baud", 1_000_000, "--check",
                  "--fold", tmp_path / "folds.json", "--output", tmp_path / "y.npz")
    wanted = qhw.simulate("digits-binary", x[:40])
    assert known["matches_golden"] is True
    assert known["correct"] == wanted.correct(labels[:40])
    assert known["network"] == identity(graph).hex()
    with np.load(tmp_path / "y.npz") as found:
        assert np.array_equal(found["codes"], wanted.codes) and np.array_equal(found["y"], wanted.y)
    fails(*how, "--board", "icebreaker", "--port", tmp_path / "none", says="there is no such port")
    fails(*how, "--board", "icebreaker", "--port", tmp_path / "x.npz", says="Could not configure")
    fails(*how, "--board", "none", "--port", "sim", says="Board 'none' is not one of")
    assert run(*how, "--port", "sim").returncode == 2
