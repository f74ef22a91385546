"""Files of every kind with today's damage are read, or refused in one line."""

import warnings

import pytest

from sim.proof.mutations.kinds import KINDS
from sim.proof.mutations.worker import one
from sim.strict import strict
from tests.seeds import rotating

COUNT = {"onnx": 100}


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused_in_a_line(kind, tmp_path):
    here = KINDS[kind](tmp_path)
    wrong = []
    for seed in rotating(COUNT.get(kind, 200)):
        with warnings.catch_warnings():
            strict()
            found, why = one(here, seed)
        if found not in ("read", "refused"):
            wrong.append(f"{kind}-{seed}: {found}: {why}")
    assert not wrong, f"python -m sim.proof.mutations --kind {kind} --first SEED --count 1: {wrong}"


def test_a_reader_that_fails_would_be_seen(tmp_path, monkeypatch):
    """Every verdict, planted."""
    here = KINDS["fold"](tmp_path)

    def raises(error):
        def read(_):
            raise error
        return read

    for error, verdict in ((KeyError("x"), "traceback"), (MemoryError(), "memory"),
                           (RecursionError(), "traceback"), (RuntimeWarning("w"), "traceback")):
        monkeypatch.setattr(here, "read", raises(error))
        assert one(here, 1)[0] == verdict
