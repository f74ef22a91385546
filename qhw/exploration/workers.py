"""Computes points in other processes, on this machine or on a Dask cluster; any process may die.

Each function yields the key and the outcome of every point as it completes.

Workers on this machine have a pipe each, so a worker's death costs one point and its exit status is
known. Libraries do worse: pebble 5.2 gives up all points if a process dies while it reads one, loky
3.7 fails the 6 remaining points of 8, and Dask's LocalCluster computes finished points again and
has no status."""

import pickle
import signal
import sys
from collections import Counter, deque
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from ..errors import ToolError
from ..report.rows import Row
from ..tools import processes
from ..tools.store import source
from .points import Network, Outcome, Point, attempt

__all__ = ["cluster", "local"]

LIVES = 2
"""Processes that a point may cost."""
UNBORN = 4
"""Processes that may die before they are ready."""
PATIENCE = 5
"""Seconds in which a process ends that is told to."""
ANSWER = 10
"""Seconds in which a scheduler answers."""
LARGE = "distributed.admin.large-graph-warning-threshold"


class Worker:
    """A process of ours and a pipe to it; the pipe's end tells each side that the other is dead."""

    def __init__(self, network: Path):
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, network), daemon=True)
        with _alone():
            self.process.start()
        theirs.close()
        self.ready = False
        self.key = ""

    def give(self, key: str, point: Point) -> None:
        """Sends a point to the worker."""
        self.key = key
        with suppress(OSError):     # if it is dead, reading says so
            self.pipe.send(point)


@contextmanager
def _alone() -> Generator[None]:
    """Hides the caller's script, which a new process would run again."""
    main = sys.modules["__main__"].__dict__
    kept = {name: main[name] for name in ("__file__", "__spec__") if name in main}
    main.update(dict.fromkeys(kept))
    try:
        yield
    finally:
        main.update(kept)


def _serve(pipe: Connection, network: Path) -> None:
    """The life of a worker: until the other end is closed."""
    processes.heed(signal.SIGINT)   # Ctrl-C is for the parent process
    try:
        known: Network = pickle.loads(network.read_bytes())
        asked = source()
        pipe.send(None)
        while True:
            pipe.send(attempt(known, pipe.recv(), asked))
    except (EOFError, OSError, processes.Ended):
        pass
    finally:
        processes.sweep()


class Crew:
    """Workers, their current points, and the points left."""

    def __init__(self, network: Path, points: Mapping[str, Point]):
        self.network, self.points = network, points
        self.todo, self.deaths, self.unborn = deque(points), Counter[str](), 0
        self.idle: list[Worker] = []
        self.busy: dict[Any, Worker] = {}

    def employ(self, jobs: int) -> None:
        """Gives points to workers until none are left, or ``jobs`` workers are busy."""
        while self.todo and len(self.busy) < jobs:
            worker = self.idle.pop() if self.idle else Worker(self.network)
            key = self.todo.popleft()
            worker.give(key, self.points[key])
            self.busy[worker.pipe] = worker

    def heard(self, worker: Worker) -> tuple[str, Outcome] | None:
        """Receives a worker's message: a key and its outcome, or None if the worker only reports
        that it is ready."""
        del self.busy[worker.pipe]
        try:
            outcome = worker.pipe.recv()
        except (EOFError, OSError):
            return self._died(worker)
        if outcome is not None:
            self.idle.append(worker)
            return worker.key, outcome
        worker.ready = True
        self.busy[worker.pipe] = worker
        return None

    def _died(self, worker: Worker) -> tuple[str, Outcome] | None:
        """Its point is tried again, but not for ever."""
        worker.process.join(PATIENCE)
        how = f"ended with status {worker.process.exitcode}"
        if worker.ready:
            self.deaths[worker.key] += 1
        elif (unborn := self.unborn + 1) > UNBORN:
            raise ToolError(f"Worker processes {how} before they are ready")
        else:
            self.unborn = unborn
        if self.deaths[worker.key] == LIVES:
            return worker.key, (Row(error=f"its process {how}, {LIVES} times"), False)
        self.todo.append(worker.key)
        return None

    def dismiss(self) -> None:
        """Ends all workers at once, with the programs they run."""
        processes = [worker.process for worker in (*self.idle, *self.busy.values())]
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(PATIENCE)
            process.kill()


def local(network: Network, points: Mapping[str, Point], jobs: int
          ) -> Generator[tuple[str, Outcome]]:
    """Computes points in processes; a point whose process dies is tried once more.

    Parameters
    ----------
    network : network and samples
    points : points by key
    jobs : number of processes
    """
    with processes.scratch() as folder:
        content = folder / "network"
        content.write_bytes(pickle.dumps(network))
        crew = Crew(content, points)
        try:
            while crew.todo or crew.busy:
                crew.employ(jobs)
                for pipe in wait(list(crew.busy)):
                    if found := crew.heard(crew.busy[pipe]):
                        crew.employ(jobs)       # the reader of the row may be slow
                        yield found
        finally:
            crew.dismiss()


def cluster(network: Network, points: Mapping[str, Point], address: str
            ) -> Generator[tuple[str, Outcome]]:
    """Computes points on the workers of a Dask scheduler, which receives the network itself.

    A task whose worker dies goes to another one, as often as the scheduler allows. ToolError if
    Dask is missing, if the address is not valid (ValueError inside) or does not answer, or if the
    scheduler is lost.

    Parameters
    ----------
    network : network and samples
    points : points by key
    address : address of the scheduler"""
    try:
        from distributed import CancelledError, Client
    except ImportError:
        raise ToolError("A cluster needs Dask: pip install 'qhw[cluster]'") from None
    try:
        if not address.strip():
            raise ValueError("it is empty")
        client: Any = Client.__new__(Client)
        try:
            client.__init__(address, timeout=ANSWER, set_as_default=False)
        except BaseException:   # its destructor would wait for a lock that a later client holds
            _closed(client)
            raise
    except Exception as e:      # each kind of address has errors of its own
        raise ToolError(f"{_line(address)}: no Dask scheduler answers: {_said(e)}") from None
    try:
        yield from _of_cluster(client, network, points)
    except Exception as e:
        if isinstance(e, OSError | CancelledError) or client.status != "running":
            raise ToolError(f"{address}: the scheduler is lost ({_said(e)}); run the "
                            f"command again to compute the other points") from e
        raise
    finally:
        _closed(client)


def _closed(client: Any) -> None:
    """Closes a client, whatever state it is in."""
    try:
        client.close()
    except Exception:       # all that is wanted of a lost scheduler is to be rid of it
        client.status = "closed"    # or its destructor tries again


def _of_cluster(client: Any, network: Network, points: Mapping[str, Point]
                ) -> Generator[tuple[str, Outcome]]:
    """Outcomes as they come. A connection that is lost shows as OSError or CancelledError, or as
    any error of a client that is not running."""
    from dask import config
    from distributed import CancelledError, as_completed
    asked = source()
    with config.set({LARGE: "1 GiB"}):
        content = client.submit(_same, network, pure=False)
        tasks = {client.submit(attempt, content, point, asked, pure=False): key
                 for key, point in points.items()}
    completed: Any = as_completed(list(tasks), loop=client.loop)
    for future in completed:
        key = tasks.pop(future)
        match future.status:
            case "finished":
                yield key, future.result()
            case "error":
                yield key, (Row(error=f"{future.exception()}"), False)
            case status:
                raise CancelledError(status)


def _line(text: str) -> str:
    return " ".join(text.split())


def _said(error: Exception) -> str:
    return _line(str(error)) or type(error).__name__


def _same(network: Network) -> Network:
    """As a task, so that a copy that is lost with its worker is made again."""
    return network
