"""Points in many processes, some of which are killed: no row is lost, and none comes twice."""

import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path

import pytest

from qhw.errors import ToolError
from qhw.exploration import sweep, workers
from qhw.exploration.points import Network, Point
from qhw.quantization.texts import split_schemes
from qhw.tools.store import Store
from tests.tiny import tiny_samples

CYCLES = [1, 2, 4, 8, 16]
SCHEMES = "binary,ternary,fixed:bits=3,po2,product:length=3"
"""The last of which cannot do a layer of 8 inputs."""


@pytest.fixture
def network(tiny):
    return Network.of(tiny, *tiny_samples())


def wanted(network, schemes=SCHEMES, chips=("ecp5-25k", "xc7"), cycles=CYCLES):
    found = sweep.points(network.graph, split_schemes(schemes), chips,
                         [{"cycles": n} for n in cycles])
    return {point.key(network): point for point in found}


class Fatal(Point):
    """One that ends the process that reads it."""

    def __reduce__(self):
        return os._exit, (3,)


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


class Slow(dict):
    """Options of a point that takes a while, and that can be seen at it: ``at_work`` has a file
    with the number of its process, which stays if that is killed in the middle."""

    def __init__(self, options, at_work):
        super().__init__(options)
        self.at_work = at_work

    def __reduce__(self):
        return Slow, (dict(self), self.at_work)

    def __contains__(self, name):
        path = self.at_work / str(os.getpid())
        path.touch()
        time.sleep(0.4)
        path.unlink()
        return super().__contains__(name)


def slow(network, folder, count=10):
    """Points by key, each of them ``Slow``."""
    folder.mkdir()
    found = sweep.points(network.graph, ["binary"], ["ecp5-25k"],
                         [Slow({"cycles": n + 1}, folder) for n in range(count)])
    return {point.key(network): point for point in found}


def kill_one_at_work(folder):
    """Kills a process while it is at a point, and renames its file to NUMBER.killed."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for path in folder.glob("*[0-9]"):
            os.kill(int(path.name), signal.SIGSTOP)
            if path.exists():
                os.kill(int(path.name), signal.SIGKILL)
                return path.rename(path.with_suffix(".killed"))
            os.kill(int(path.name), signal.SIGCONT)
        time.sleep(0.01)
    raise AssertionError("nobody is at work")


def test_a_process_that_is_killed_loses_nothing(network, tmp_path):
    """Two of them, in the middle of a point each."""
    points, found = slow(network, tmp_path / "at_work"), []
    for outcome in workers.local(network, points, 2):
        found.append(outcome)
        if len(found) in (2, 5):
            kill_one_at_work(tmp_path / "at_work")
    assert len(list((tmp_path / "at_work").glob("*.killed"))) == 2
    assert Counter(key for key, _ in found) == Counter(list(points))
    assert {row["error"] for _, (row, _) in found} == {None} and active_children() == []


def distributed():
    return pytest.importorskip("distributed")


@pytest.fixture
def scheduler(tmp_path):
    """A Dask scheduler with two workers, in processes of their own: address and the processes."""
    distributed()
    file, running = tmp_path / "scheduler.json", []

    def dask(*words):
        running.append(subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--scheduler-file", str(file), "--no-dashboard"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}))
    dask("scheduler", "--host", "127.0.0.1", "--port", "0")
    for _ in range(2):
        dask("worker", "--nthreads", "1", "--local-directory", str(tmp_path), "--no-nanny")
    end = time.monotonic() + 60
    while not file.exists() or not file.read_text().endswith("}"):
        assert time.monotonic() < end
        time.sleep(0.05)
    yield json.loads(file.read_text())["address"], running
    for process in running:
        process.kill()
        process.wait()


def test_a_cluster_that_loses_a_worker(scheduler, network, tmp_path):
    """In the middle of a point, which goes to the other."""
    address, _ = scheduler
    points, found = slow(network, tmp_path / "at_work"), Counter()
    for key, (row, repeatable) in workers.cluster(network, points, address):
        found[key] += 1
        assert repeatable and row["error"] is None
        if found.total() == 2:
            kill_one_at_work(tmp_path / "at_work")
    assert found == Counter(list(points))


def test_a_cluster_that_loses_its_scheduler(scheduler, network, tmp_path):
    """While points are at work: what came is kept, and the same question goes on from there."""
    address, running = scheduler
    points, store = slow(network, tmp_path / "at_work"), Store(tmp_path / "store")
    progress = []

    @contextmanager
    def bar(total):
        def done(count):
            progress.append(count)
            if count == 3:
                end = time.monotonic() + 60
                while not list((tmp_path / "at_work").iterdir()):
                    assert time.monotonic() < end
                running[0].kill()
        yield done
    begin = time.monotonic()
    with pytest.raises(ToolError, match=f"{address}: the scheduler is lost .*; run the command "
                                        f"again"):
        sweep.rows(network, list(points.values()), cluster=address, store=store, bar=bar)
    assert time.monotonic() - begin < 60
    kept = [key for key in points if store.get(key)]
    assert len(kept) == progress[-1] >= 3 and len(kept) < len(points)
    found, computed = sweep.rows(network, list(points.values()), jobs=2, store=store)
    assert computed == len(points) - len(kept)
    assert [row["error"] for row in found] == [None] * len(points)


@contextmanager
def killing(running, monkeypatch, where, count):
    """Kills the scheduler at one call of a function of Dask's, which then goes on."""
    owner, name = where
    calls, original = [], getattr(owner, name)

    def call(*args, **kwargs):
        calls.append(name)
        if len(calls) == count:
            running[0].kill()
            running[0].wait()
        return original(*args, **kwargs)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, call)
        yield calls


@pytest.mark.parametrize(("place", "count"), [("submit", 4), ("result", 1)])
def test_a_scheduler_that_dies_at_a_call(place, count, scheduler, network, tmp_path, monkeypatch):
    owner = {"submit": distributed().Client, "result": distributed().Future}[place]
    monkeypatch.setattr(workers, "ANSWER", 2)
    address, running = scheduler
    points, found = slow(network, tmp_path / "at_work", 6), []
    with (killing(running, monkeypatch, (owner, place), count) as calls,
          pytest.raises(ToolError, match=f"{address}: the scheduler is lost \\(.+\\); run the ")):
        found.extend(workers.cluster(network, points, address))
    assert calls.count(place) >= count and len(found) < count


@pytest.fixture(scope="module")
def inside():
    """A Dask scheduler and its worker in this process."""
    with distributed().LocalCluster(n_workers=1, threads_per_worker=1, processes=False,
                                    dashboard_address=None) as running:
        yield running.scheduler_address


def failing(monkeypatch, owner, name, error):
    """A function of Dask's that fails from its third call on."""
    calls, original = [], getattr(owner, name)

    def call(*args, **kwargs):
        calls.append(name)
        if len(calls) > 2:
            raise error
        return original(*args, **kwargs)
    monkeypatch.setattr(owner, name, call)


@pytest.mark.parametrize("error", [
    "distributed.comm.core.CommClosedError", "distributed.TimeoutError",
    "distributed.CancelledError", "builtins.ConnectionResetError"])
@pytest.mark.parametrize("place", ["Client.submit", "as_completed.__next__", "Future.result"])
def test_each_error_of_a_lost_scheduler(place, error, inside, network, monkeypatch):
    owner, name = place.split(".")
    failing(monkeypatch, getattr(distributed(), owner), name,
            pkgutil.resolve_name(error)("in <TCP (closed)>"))
    points, found = wanted(network, "binary"), []
    with pytest.raises(ToolError, match=f"{inside}: the scheduler is lost \\(in <TCP .closed.>\\)"):
        found.extend(workers.cluster(network, points, inside))
    assert len(found) == (0 if place == "Client.submit" else 2)


def test_what_is_no_loss_is_not_called_so(inside, network, monkeypatch):
    failing(monkeypatch, distributed().Future, "result", KeyError("a fault of ours"))
    with pytest.raises(KeyError, match="a fault of ours"):
        list(workers.cluster(network, wanted(network, "binary"), inside))


def test_a_client_that_cannot_be_closed_takes_no_row(inside, network, monkeypatch):
    """Nor is it tried again when the client is forgotten."""
    points, left, close = wanted(network, "binary"), [], distributed().Client.close

    def fail(self, *args, **kwargs):
        if self.status != "running":    # an earlier test's, forgotten only now
            return close(self, *args, **kwargs)
        left.append((self, self.status))
        raise TimeoutError
    monkeypatch.setattr(distributed().Client, "close", fail)
    assert {key for key, _ in workers.cluster(network, points, inside)} == set(points)
    monkeypatch.undo()
    (client, status), = left
    assert client.status == "closed"
    client.status = status
    close(client)


@pytest.mark.parametrize("address", [
    "nonsense", "nonsense://10.0.0.1:8786", "tcp://127.0.0.1:1", "tcp://127.0.0.1", "tcp://", "",
    "tls://127.0.0.1:1", "ws://127.0.0.1:1", "inproc://127.0.0.1/1/1",
    "tcp://127.0.0.1:99999", "tcp://no such host:1", "http://127.0.0.1:1/[x]", "a\nb"])
def test_no_cluster(address, monkeypatch):
    monkeypatch.setattr(workers, "ANSWER", 1)
    with pytest.raises(ToolError, match="no Dask scheduler answers") as said:
        list(workers.cluster(None, {}, address))
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://10.0.0.1:8786", "tcp://"])
def test_a_client_that_cannot_connect_is_closed_at_once(address, monkeypatch):
    """Not by the collector, which may come while the next client starts and wait for it forever."""
    monkeypatch.setattr(workers, "ANSWER", 1)
    made, make = [], distributed().Client.__init__

    def keep(client, *words, **named):
        made.append(client)
        make(client, *words, **named)

    monkeypatch.setattr(distributed().Client, "__init__", keep)
    with pytest.raises(ToolError, match="no Dask scheduler answers"):
        list(workers.cluster(None, {}, address))
    client, = made
    assert client.status == "closed"
