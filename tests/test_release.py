"""``make release`` refuses what is not ready, and leaves nothing behind."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = (".ci/release.py", "qhw/version.py", "CHANGELOG.md", "CITATION.cff")


@pytest.fixture
def clone(tmp_path):
    """A clone with the files that are looked at before anything is built."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for words in (["init", "-q"], ["add", "."],
                  ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def released(clone):
    done = subprocess.run([sys.executable, clone / ".ci/release.py"], cwd=clone,
                          capture_output=True, text=True)
    assert done.returncode == 1 and not (clone / "build").exists()
    return done.stderr


def test_changes_that_are_not_committed(clone):
    (clone / "new").touch()
    assert released(clone).startswith("Commit first:")


@pytest.mark.parametrize(("name", "before", "after", "said"), [
    ("CHANGELOG.md", " (20", " (unreleased", "CHANGELOG.md has no section '## "),
    ("CITATION.cff", "version: 0", "version: 9", "CITATION.cff is not of version ")])
def test_files_that_disagree(clone, name, before, after, said):
    text = (clone / name).read_text()
    assert before in text
    (clone / name).write_text(text.replace(before, after))
    assert released(clone).startswith(said)
