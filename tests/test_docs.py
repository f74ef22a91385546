"""What the documentation shows is so."""

import re
from pathlib import Path

import numpy as np
import pytest

import qhw

ROOT = Path(__file__).parent.parent


def test_the_example_of_the_model_format(tmp_path, monkeypatch):
    """Worked by hand for x = (4, 2) and (0, 0).

    fc1 sums: (4, -4 + 2) -> 0.5 * 4 = 2 and 0.25 * -2 = -0.5; norm: (2 - 2) / 2 = 0 and 0.5 + 0.5;
    act1: 0 and 2; fc2: 0.1 * -2 = -0.2 and 0.05 + 0.1 * 4 = 0.45: class 1. For zeros the norm gives
    -1 and 0.5, act1 0 and 1, fc2 -0.1 and 0.25: class 1 again.
    """
    text = (ROOT / "docs/reference/model-format.md").read_text()
    toml, = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    code, = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.toml").write_text(toml)
    monkeypatch.chdir(tmp_path)
    exec(code)
    found = qhw.simulate("tiny", np.array([[4, 2], [0, 0]]), engine="amaranth", trace=True)
    assert found.matches == 2
    assert found.trace["act1"].tolist() == [[0, 2], [0, 1]]
    assert found.codes.tolist() == [[1], [1]]


@pytest.mark.parametrize("page", ["README.md", *(
    str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").rglob("*.md")))])
def test_links_lead_somewhere(page):
    path = ROOT / page
    for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / link).exists(), link
