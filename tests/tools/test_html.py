"""Tables for notebooks."""

from qhw.tools.html import table


def test_texts_are_escaped():
    assert table(("a<b", "n"), [("<script>", 1), ("&", 2.5)]) == (
        "<table><tr><th>a&lt;b</th><th>n</th></tr><tr><td>&lt;script&gt;</td><td>1</td></tr>"
        "<tr><td>&amp;</td><td>2.5</td></tr></table>")
