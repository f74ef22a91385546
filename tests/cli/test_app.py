"""The command's entry point: one line for an error, and the status, whatever ends it."""

import signal
import subprocess
import time

import numpy as np
import pytest

import qhw
from qhw.cli.app import unforeseen
from qhw.tools.files import write_npz
from tests import interrupts
from tests.command import QHW, process, run


def test_a_process_of_its_own(tmp_path):
    """Says what it says within this one."""
    for words in (["--version"], ["build", "nothing", "-o", "out"], ["frobnicate"]):
        apart, here = process(*words, cwd=tmp_path), run(*words, cwd=tmp_path)
        assert (apart.returncode, apart.stdout) == (here.returncode, here.stdout)
        assert apart.stderr.split()[-1:] == here.stderr.split()[-1:]


@pytest.mark.parametrize("words", [["frobnicate"], ["build", "digits-ternary"],
                                   ["simulate", "digits-ternary", "--input", "x", "--limit", "0"]])
def test_wrong_usage_is_2(words):
    assert run(*words).returncode == 2


def test_interrupted(tmp_path, digits):
    """Ctrl-C in the middle: one line, and what was there before stays."""
    with np.load(digits) as file:
        np.savez(tmp_path / "long.npz", x=np.tile(file["x"], (500, 1)))
    out = tmp_path / "y.npz"
    write_npz(out, {"y": np.zeros(1)})
    before = out.read_bytes()
    begin = time.monotonic()
    run("simulate", "digits-ternary", "--input", digits, "--limit", "1", "--engine", "amaranth")
    begun = time.monotonic() - begin
    process = subprocess.Popen(
        [*QHW, "simulate", "digits-ternary", "--input", str(tmp_path / "long.npz"),
         "--output", str(out), "--engine", "amaranth"],
        stderr=subprocess.PIPE, text=True, preexec_fn=interrupts.heard)
    time.sleep(3 * begun)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=180)
    said = said.strip()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "qhw: interrupted; nothing was written"
    assert out.read_bytes() == before


def test_an_error_that_nobody_foresaw(tmp_path):
    """One line; and where it is, if that is asked for."""
    assert unforeseen(MemoryError()) == "there is not enough memory"
    assert unforeseen(OSError(28, "No space left on device", "/tmp/x")) == (
        "/tmp/x: No space left on device")
    assert unforeseen(KeyError("a\nb")).startswith("internal error: KeyError: 'a\\nb'; ")
    broken = tmp_path / "sitecustomize.py"
    broken.write_text("import qhw.verbs as v\ndef f(*a, **k): raise KeyError('odd')\n"
                      "v.estimate = f\n")
    env = {"PYTHONPATH": str(tmp_path)}
    said = process("estimate", "digits-ternary", "--target", "xc7", env=env)
    assert said.returncode == 1 and said.stdout == ""
    line, = said.stderr.splitlines()
    assert line.startswith("qhw: internal error: KeyError: 'odd'")
    shown = process("estimate", "digits-ternary", "--target", "xc7", env={**env, "QHW_DEBUG": "1"})
    assert shown.returncode == 1 and "Traceback" in shown.stderr
    assert shown.stdout == ""


def test_the_version():
    assert f"qhw {qhw.__version__}" in run("--version").stdout
