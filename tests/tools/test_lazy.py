"""Names that are imported when they are first asked for."""

import sys

import pytest

from qhw.tools.lazy import lazily


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package ``late`` whose module ``inner`` counts how often it is imported."""
    (tmp_path / "late").mkdir()
    (tmp_path / "late/__init__.py").write_text("here = 1")
    (tmp_path / "late/inner.py").write_text("import late\nlate.count = vars(late).get('count', 0) "
                                            "+ 1\nthing = ['made']\n")
    monkeypatch.syspath_prepend(tmp_path)
    import late
    yield late
    for name in ("late", "late.inner"):
        sys.modules.pop(name, None)


def test_a_name_is_imported_once_and_stays(package):
    find, names = lazily("late", {"thing": "inner", "gone": "inner"})
    assert "late.inner" not in sys.modules
    assert find("thing") == ["made"] and vars(package)["thing"] is find("thing")
    assert package.count == 1
    assert {"gone", "here", "thing"} <= {*names()} and names() == sorted(names())


@pytest.mark.parametrize("name", ["other", "inner"])
def test_a_name_that_is_not_there(package, name):
    find, _ = lazily("late", {"thing": "inner"})
    with pytest.raises(AttributeError, match=f"module 'late' has no attribute '{name}'"):
        find(name)
