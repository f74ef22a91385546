"""Catalogues that are found by scanning."""

import sys

from qhw.tools.members import members


def test_every_module_in_the_order_of_names(tmp_path, monkeypatch):
    """Packages too; no other files."""
    folder = tmp_path / "catalogue"
    (folder / "c").mkdir(parents=True)
    for name in ("__init__.py", "b.py", "a.py", "c/__init__.py"):
        (folder / name).write_text(f"name = {name!r}")
    (folder / "notes.txt").write_text("none")
    monkeypatch.syspath_prepend(tmp_path)
    found = members("catalogue")
    assert [m.__name__ for m in found] == ["catalogue.a", "catalogue.b", "catalogue.c"]
    assert [m.name for m in found] == ["a.py", "b.py", "c/__init__.py"]
    for name in ("", ".a", ".b", ".c"):
        sys.modules.pop(f"catalogue{name}")
