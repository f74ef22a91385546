"""The ``qhw`` command in this process: what it prints and its status, without imports each time."""

import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from unittest import mock

from qhw.cli import main
from qhw.tools import processes

__all__ = ["QHW", "asked", "fails", "process", "run"]

QHW = [sys.executable, "-m", "qhw"]


def run(*words, cwd=None, env=None):
    """As ``process``, but for signals, which are left to the tests' own process."""
    words, out, err, status = [*map(str, words)], StringIO(), StringIO(), 0
    with (mock.patch.object(sys, "argv", ["qhw", *words]), mock.patch.dict(os.environ, env or {}),
          mock.patch.object(processes, "heed"), chdir(cwd or "."),
          redirect_stdout(out), redirect_stderr(err)):
        try:
            main()
        except SystemExit as e:
            status = e.code or 0
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def process(*words, cwd=None, env=None):
    """A command in a process of its own."""
    return subprocess.run([*QHW, *map(str, words)], cwd=cwd, capture_output=True, text=True,
                          check=False, env={**os.environ, **(env or {})})


def fails(*words, says, status=1, **how):
    """The one line that a command says which fails with a status."""
    done = run(*words, **how)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    line, = done.stderr.splitlines()
    assert line.startswith("qhw: "), line
    assert says in line
    return line


def asked(*words, **how):
    """The JSON object that a command prints, and nothing else."""
    done = run(*words, "--json", **how)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)
