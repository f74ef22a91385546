"""Parts of a design."""

from qhw.verilog.parts import Contents, Module, Printed


def test_the_text_of_all_modules():
    printed = Printed((Module("a", (), "module a;\nendmodule"), Module("b", (), "module b;")), {})
    assert printed.text == "module a;\nendmodule\n\nmodule b;\n"


def test_contents_are_words_of_their_own_kind():
    """A text that is none is a parameter as it stands."""
    assert Contents("00\n") == "00\n" and isinstance(Contents(""), str)
    assert not isinstance("00\n", Contents)
