"""Random files at the corners: their executors, the golden and gates give the same numbers.

``python -m sim.proof.oracles`` runs thousands of them, and prints what is refused and why.
"""

import onnx
import pytest

import qhw
from qhw.design.cycles import total
from qhw.errors import QhwError
from qhw.lower import lower
from sim.proof.oracles import judge as judging
from sim.proof.oracles.generate import made
from sim.proof.oracles.judge import Verdict, golden, judge
from tests.seeds import rotating

ALWAYS, TODAY, PART = range(100), rotating(60), 20
SEEDS = [*ALWAYS, *TODAY]
RIGHT = ("exact", "tie", "rounding", "rationals only")


@pytest.mark.parametrize("first", range(0, len(SEEDS), PART))
def test_the_golden_gives_what_the_files_executor_gives(first, tmp_path):
    verdicts = {seed: judge(made(seed), tmp_path) for seed in SEEDS[first:first + PART]}
    assert not {k: v for k, v in verdicts.items() if v.kind not in (*RIGHT, "refused")}
    refused = sum(v.kind == "refused" for v in verdicts.values())
    assert refused < .8 * PART, "the generator makes too little that is read"


def gates(seed: int, folder) -> Verdict:
    """The file in compiled Verilog at every layer, in the cycles predicted, and with stalls."""
    file = made(seed)
    path = folder / "net.onnx"
    onnx.save(file.model, path)
    try:
        network = qhw.load(path, file.input_format)
        lowered = lower(network)
    except QhwError as e:
        return Verdict("refused", str(e))
    run = qhw.simulate(network, file.x, engine="verilator", trace=True)
    assert run.matches == len(file.x), "gates differ from the golden"
    assert run.cycles == total(lowered, len(file.x))
    run = qhw.simulate(network, file.x, engine="verilator", trace=True, stalls=seed)
    assert run.matches == len(file.x), "gates with stalls differ from the golden"
    return Verdict("exact")


@pytest.mark.slow(but=6)
@pytest.mark.parametrize("seed", TODAY[:30])
def test_gates_are_the_golden_at_every_layer(seed, tmp_path):
    verdict = gates(seed, tmp_path)
    if verdict.kind == "refused":
        pytest.skip(verdict.reason)


def test_a_difference_is_seen(tmp_path, monkeypatch):
    """One output of one sample that is 1 % off is wrong, in files of every form."""
    seen = set()
    for seed in range(20):
        file = made(seed)
        if judge(file, tmp_path).kind != "exact":
            continue

        def off(file, folder):
            y = golden(file, folder)
            y.flat[file.seed % y.size] += abs(y).max() / 100 + .01
            return y

        with monkeypatch.context() as patch:
            patch.setattr(judging, "golden", off)
            assert judge(file, tmp_path).kind == "wrong"
        seen.add(file.form)
    assert seen == {"qdq", "qonnx", "operators"}
