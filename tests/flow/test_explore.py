"""Many points in many processes, some of which are killed: no row is lost, and none comes twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from multiprocessing import active_children

import pytest

import qhw
from qhw.errors import ToolError
from qhw.flow import sweep, workers
from qhw.flow.points import Network, Point
from tests import interrupts
from tests.tiny import tiny_samples, write_tiny

CYCLES = [1, 2, 4, 8, 16]
SCHEMES = "binary,ternary,fixed:bits=3,po2,product:length=3"
"""The last of which cannot do a layer of 8 inputs."""


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def tiny(tmp_path):
    return write_tiny(tmp_path / "tiny")


@pytest.fixture
def network(tiny):
    return Network.of(tiny, *tiny_samples())


def wanted(network, schemes=SCHEMES, chips=("ecp5-25k", "xc7"), cycles=CYCLES):
    found = sweep.points(network.graph, sweep.split_schemes(schemes), chips,
                         [{"cycles": n} for n in cycles])
    return {point.key(network): point for point in found}


class Fatal(Point):
    """One that ends the process that reads it."""

    def __reduce__(self):
        return os._exit, (3,)


def test_the_product_and_its_record(tiny, tmp_path):
    x, labels = tiny_samples()
    known = qhw.explore(tiny, ["ecp5-25k", "ice40hx8k"], "binary,fixed", cycles=[1, 32], x=x,
                        labels=labels, output=tmp_path / "out", jobs=2)
    assert [(r["scheme"], r["target"], r["fold"], r["cycles"]) for r in known["rows"]] == [
        (scheme, target, {"cycles": n}, n) for scheme in ("binary", "fixed")
        for target in ("ecp5-25k", "ice40hx8k") for n in (1, 32)]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "explore.csv", "explore.json", "qhw-manifest.json", "tradeoff.png", "tradeoff.svg"]
    assert json.loads((tmp_path / "out" / "explore.json").read_text()) == known
    header = (tmp_path / "out" / "explore.csv").read_text().splitlines()[0].split(",")
    assert {"scheme", "target", "asked_cycles", "cycles", "accuracy", "pareto"} <= set(header)
    again = qhw.explore(tiny, ["ecp5-25k", "ice40hx8k"], "binary,fixed,inq", cycles=[1, 32], x=x,
                        labels=labels, jobs=2)
    assert (known["computed"], again["computed"]) == (8, 4)
    assert qhw.compare(tiny, "ecp5-25k", "inq", x=x, labels=labels, options={"cycles": 32}
                       )["computed"] == 0     # explored before


def test_synthesized_for_real(tiny):
    """A point is what ``synth`` says."""
    known = qhw.explore(tiny, ["ice40hx8k"], "binary", cycles=[32], synth=True, jobs=1)
    qhw.quantize(tiny, "binary", tiny.parent / "q")
    measured = qhw.synth(tiny.parent / "q", "ice40hx8k", cycles=32)
    found, = known["rows"]
    assert (found["luts"], found["ffs"]) == (measured["luts"], measured["ffs"])


def test_a_point_that_ends_its_process_costs_no_other(network):
    points = wanted(network, cycles=[1, 2])
    victim = list(points)[3]
    points[victim] = Fatal(points[victim].label, points[victim].schemes, "xc7")
    found = list(workers.local(network, points, 2))
    assert sorted(key for key, _ in found) == sorted(points)
    errors = {key: row["error"] for key, (row, _) in found}
    assert errors.pop(victim) == "its process ended with status 3, 2 times"
    assert dict(found)[victim][1] is False      # so that it is tried again next time
    assert set(errors.values()) - {None} == {
        "layer 'fc1': Pieces of 3 inputs do not divide the 8 there are"}


def test_a_process_that_is_killed_loses_nothing(network):
    points, found = wanted(network), []
    for outcome in workers.local(network, points, 2):
        found.append(outcome)
        if len(found) in (5, 15):
            os.kill(max(child.pid for child in active_children()), signal.SIGKILL)
    assert Counter(key for key, _ in found) == Counter(list(points))
    assert active_children() == []


def start(tiny, *more):
    return subprocess.Popen(
        [sys.executable, "-m", "qhw", "explore", str(tiny), "--targets",
         "ecp5-25k,xc7,asic,ice40hx8k,ice40up5k,gw1n-9c",
         "--schemes", SCHEMES, "--cycles", "1,2,4,8,16", "--json", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=interrupts.heard)


def kept(tmp_path):
    return len(list((tmp_path / "cache").rglob("*.json")))


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_interrupted_and_resumed(sent, status, tiny, tmp_path):
    """What was computed is not computed again, whatever ends the command."""
    process = start(tiny, "-j", "2")
    while kept(tmp_path) < 6:
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(sent)
    shown, said = process.communicate(timeout=60)
    assert process.returncode == status and shown == ""
    assert said == "" if status < 0 else said.splitlines() == [
        "qhw: interrupted; what is computed is kept, and the same command goes on from there"]
    before = kept(tmp_path)
    assert 6 <= before < 150
    shown, said = start(tiny).communicate(timeout=300)
    known = json.loads(shown)
    assert said == "" and known["computed"] == 150 - before
    assert len({(r["scheme"], r["target"], r["fold"]["cycles"]) for r in known["rows"]}) == 150


def test_a_cluster_that_loses_a_worker(network, tmp_path):
    """200 points on two workers, one of which is killed in the middle."""
    distributed = pytest.importorskip("distributed")
    points = wanted(network, chips=["ecp5-25k", "ice40hx8k", "xc7", "asic"], cycles=range(1, 11))
    assert len(points) == 200
    with (distributed.LocalCluster(n_workers=2, processes=True, threads_per_worker=1,
                                   dashboard_address=None, silence_logs=50) as cluster,
          distributed.Client(cluster) as client):
        victim = next(iter(client.run(os.getpid).values()))
        found, computed = Counter[str](), workers.cluster(network, points,
                                                          cluster.scheduler_address)
        for key, (row, repeatable) in computed:
            found[key] += 1
            assert repeatable, row["error"]
            assert (row["error"] is None) == ("product" not in points[key].label)
            if found.total() == 60:
                os.kill(victim, signal.SIGKILL)
        assert found == Counter(list(points))
        known = qhw.explore(tmp_path / "tiny", ["xc7"], "binary", cycles=[1],
                            cluster=cluster.scheduler_address)
        assert known["computed"] == 1 and known["rows"][0]["luts"] > 0


def test_no_cluster():
    with pytest.raises(ToolError, match="nonsense: no Dask scheduler answers"):
        list(workers.cluster(None, {}, "nonsense"))
