"""Without a folder to keep compiled functions in, the command works; with one it keeps them."""

import os
import subprocess
import sys

import pytest

from qhw.tools import compiled

ADDS = "from qhw.adders.share import width; print(width(-4, 3))"
ONLY_GIVEN = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}


def python(*words, **env):
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False,
                          env={**os.environ, **ONLY_GIVEN, **env})


@pytest.mark.parametrize("folder", ["/proc/nothing", "/dev/null/nothing"])
def test_nowhere_to_keep_what_is_compiled(folder):
    """A read-only installation and a home that cannot be written."""
    done = python("-m", "qhw", "--help", NUMBA_CACHE_DIR=folder)
    assert (done.returncode, done.stderr) == (0, "") and "build" in done.stdout
    assert python("-c", ADDS, NUMBA_CACHE_DIR=folder).stdout == "3\n"


def test_it_is_kept_where_that_is_possible(tmp_path):
    assert python("-c", ADDS, NUMBA_CACHE_DIR=str(tmp_path)).stdout == "3\n"
    assert list(tmp_path.rglob("*.nbc"))


def test_a_full_disk_keeps_nothing(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.FunctionCache, "save_overload", full)
    assert compiled.njit(lambda a: a + 1)(2) == 3


def test_what_it_calls_has_changed(tmp_path):
    """In another file: what was kept would still call what was there before."""
    (tmp_path / "outer.py").write_text(
        "from qhw.tools.compiled import njit\nfrom inner import one\n\n\n"
        "@njit\ndef two(a):\n    return one(a) + 1\n")
    for factor in (2, 3):
        (tmp_path / "inner.py").write_text("from qhw.tools.compiled import njit\n\n\n"
                                           f"@njit\ndef one(a):\n    return {factor} * a\n")
        done = python("-B", "-c", "from outer import two; print(two(5))", PYTHONPATH=str(tmp_path),
                      NUMBA_CACHE_DIR=str(tmp_path / "kept"))
        assert done.stdout == f"{5 * factor + 1}\n", done.stderr
