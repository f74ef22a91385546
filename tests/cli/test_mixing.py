"""``qhw quantize --budget`` and ``--accuracy`` as a user meets them."""

import json

import numpy as np
import pytest

from tests.command import run
from tests.tiny import tiny_samples, write_tiny

TO = ["--target", "ice40hx8k"]


@pytest.fixture
def files(tmp_path):
    x, y = tiny_samples()
    np.savez(tmp_path / "cal.npz", x=x, y=y)
    write_tiny(tmp_path / "tiny")
    return tmp_path


def quantize(files, *words):
    return run("quantize", files / "tiny", "-o", files / "q", "--calibrate", files / "cal.npz",
               *words)


def test_a_budget(files):
    words = ["--budget", "luts=5000,brams=9", *TO, "--schemes", "ternary,binary", "--cycles", "8"]
    done = quantize(files, *words)
    assert done.returncode == 0, done.stderr
    for text in ("ternary", "fc1", "chosen", "9 brams", "measured mixes"):
        assert text in done.stdout
    known = json.loads(quantize(files, *words, "--json").stdout)
    assert known == json.loads((files / "q" / "quantized.json").read_text())
    choice = known["choice"]
    assert choice["budget"] == {"luts": 5000, "brams": 9} and len(choice["trials"]) == 4
    assert sum(one["chosen"] for one in choice["trials"]) == 2


@pytest.mark.parametrize(("words", "status", "said"), [
    ([], 1, "Add --scheme, or --budget or --accuracy"),
    (["--scheme", "binary", "--schemes", "inq"], 1, "go with --budget or --accuracy"),
    (["--scheme", "binary", *TO], 1, "go with --budget or --accuracy"),
    (["--scheme", "binary", "--budget", "luts=9", *TO], 1, "--scheme is one for all layers"),
    (["--budget", "luts=9"], 1, "add --target"),
    (["--budget", "cells=9", *TO], 2, "should be like luts=20000"),
    (["--budget", "luts=-9", *TO], 2, "should be like luts=20000"),
    (["--accuracy", "1.5", *TO], 2, "Invalid value for '--accuracy'"),
    (["--budget", "luts=9", *TO, "--schemes", "binary"], 1, "no mix of the schemes is within")])
def test_refusals(files, words, status, said):
    done = quantize(files, *words)
    assert done.returncode == status and said in " ".join(done.stderr.replace("│", "").split())
    assert status == 2 or len(done.stderr.splitlines()) == 1
    assert not (files / "q").exists()
