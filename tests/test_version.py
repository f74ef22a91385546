"""The version is one: the package's, the distribution's and the one that files say."""

import re
import tomllib
from pathlib import Path

import qhw
from qhw.version import __version__


def test_there_is_one_version():
    about = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__) and qhw.__version__ == __version__
    assert about.get("version", __version__) == __version__
