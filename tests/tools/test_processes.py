"""Whatever ends a command: no program that it started runs on, and no folder of it stays."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from qhw.tools import processes
from tests import interrupts
from tests.tiny import write_tiny

SAYS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}
NOTHING = "nothing was written"
KEPT = "completed rows are kept; the same command continues from there"
VERBS = [
    ("synth", 1, ["--target", "ice40hx8k"], NOTHING),
    ("build", 1, ["--target", "ice40hx8k", "--synth", "-o", "out"], NOTHING),
    ("build", 1, ["--board", "icebreaker", "--cycles", "64", "-o", "out"], NOTHING),
    ("flash", 1, ["--board", "icebreaker", "--cycles", "64", "--build", "out"], NOTHING),
    ("simulate", 1, ["--engine", "verilator", "--input", "x.npz"], NOTHING),
    ("explore", 2, ["--targets", "ice40hx8k", "--schemes", "binary,inq", "--synth",
                    "-j", "2", "-o", "out"], KEPT),
    ("compare", 1, ["--target", "ice40hx8k", "--schemes", "binary", "--synth"], KEPT),
]
"""A command, how many tools that never end it starts, its options, and what is said."""


@pytest.fixture
def work(tmp_path):
    """A folder with a quantized and a float network, and one for temporary files."""
    import qhw
    from tests.tiny import tiny_samples
    write_tiny(tmp_path / "float")
    qhw.quantize(tmp_path / "float", "binary", tmp_path / "net")
    import numpy as np
    np.savez(tmp_path / "x.npz", x=tiny_samples()[0])
    (tmp_path / "tmp").mkdir()
    return tmp_path


@pytest.fixture
def start():
    """Starts a program, which does not outlive the test."""
    running = []

    def started(*words, **how):
        running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, **how))
        return running[-1]
    yield started
    for process in running:
        process.kill()
        process.communicate()


SWALLOWED = """
import os, signal
from qhw.tools import processes

class Held:
    def __init__(self, fault):
        self.fault = fault
    def __del__(self):
        if self.fault:
            raise ValueError("a fault of ours")
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

processes.heed()
Held(True)
Held(False)
print(processes.ended())
"""


def test_a_destructor_that_swallows_the_signal_is_silent(start):
    """The signal is known all the same; a destructor's own fault is shown."""
    process = start(sys.executable, "-c", SWALLOWED, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, text=True, preexec_fn=interrupts.heard)
    shown, said = process.communicate(timeout=60)
    assert (process.returncode, shown) == (0, "2\n")
    assert "ValueError: a fault of ours" in said and "Ended" not in said


@pytest.mark.parametrize(("verb", "count", "options", "says"), VERBS)
@pytest.mark.parametrize("number", SAYS)
def test_no_verb_leaves_anything(number, verb, count, options, says, work, start):
    position = VERBS.index((verb, count, options, says))
    if verb != "synth" and list(SAYS)[position % len(SAYS)] != number:
        pytest.skip("this verb is sent another signal; synth gets all")
    tool = interrupts.endless(work / "bin")
    (work / "bin/iceprog").symlink_to("/bin/true")
    process = start(
        sys.executable, "-m", "qhw", verb, "net", *options, cwd=work, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=interrupts.heard,
        env={**os.environ, "QHW_YOSYS": str(tool), "CXX": str(tool), "TMPDIR": str(work / "tmp"),
             "QHW_CACHE": str(work / "cache"), "HOME": str(work),
             "PATH": f"{work / 'bin'}:{os.environ['PATH']}"})
    pids = interrupts.started_by(tool, process, count) + interrupts.children_of(process.pid)
    assert all(map(interrupts.lives, pids))
    process.send_signal(number)
    process.send_signal(signal.SIGTERM)     # a second one does not cut the cleaning short
    shown, said = process.communicate(timeout=interrupts.LONG)
    assert (process.returncode, shown) == (128 + number, "")
    assert said.splitlines()[-1] == f"qhw: {SAYS[number]}; {says}" and "Traceback" not in said
    assert interrupts.gone(pids)
    assert not list((work / "tmp").iterdir())
    left = [path for path in (work / "cache").rglob("*") if path.is_file()]
    assert all(path.name == "lock" or "folds" in path.parts for path in left)
    assert not list(work.rglob("building-*"))
    assert not (work / "out").exists()


def test_a_signal_that_was_ignored_stays_so(work, start):
    """``nohup`` and shells' background jobs."""
    tool = interrupts.endless(work / "bin")
    process = start(
        "nohup", sys.executable, "-m", "qhw", "synth", "net", "--target", "ice40hx8k", cwd=work,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=interrupts.heard, env={**os.environ, "QHW_YOSYS": str(tool)})
    pids = interrupts.started_by(tool, process)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None and all(map(interrupts.lives, pids))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=interrupts.LONG)
    assert process.returncode == 143 and interrupts.gone(pids)


def test_a_program_in_a_thread_dies_with_what_it_started(tmp_path, start):
    """Where no exception reaches it."""
    tool = interrupts.endless(tmp_path / "bin")
    with ThreadPoolExecutor(1) as pool:
        def run():
            with processes.started([str(tool)], cwd=tmp_path) as program:
                return program.wait()
        status = pool.submit(run)
        pids = interrupts.started_by(tool, start("sleep", "60"))
        processes.sweep()
        assert status.result(timeout=interrupts.LONG) == -signal.SIGKILL
    assert interrupts.gone(pids)


def test_an_exception_ends_what_runs(tmp_path):
    tool = interrupts.endless(tmp_path / "bin")
    pids = []

    def interrupted():
        with (processes.scratch(within=tmp_path) as folder,
              processes.started([str(tool)], cwd=folder) as program):
            pids.extend(interrupts.started_by(tool, program))
            raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(pids) == 2 and interrupts.gone(pids)
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]
