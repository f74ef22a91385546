"""The modules of memories: their parts, and where their words come from."""

import pytest

from qhw.verilog.memories import ram, ram_one, rom, rom_file
from qhw.verilog.parts import Memory

READ = [("input", "clk", 1), ("input", "en", 1), ("input", "addr", 1), ("output", "data", 1)]
WRITE = [("input", "w_en", 1), ("input", "w_addr", 1), ("input", "w_data", 1)]


@pytest.mark.parametrize(("kind", "ports", "parameters"), [
    (rom, READ, ("WIDTH", "DEPTH", "ABITS", "INIT")),
    (rom_file, READ, ("WIDTH", "DEPTH", "ABITS", "FILE")),
    (ram, [READ[0], *WRITE, *READ[1:]], ("WIDTH", "DEPTH", "ABITS")),
    (ram_one, [READ[0], WRITE[0], WRITE[2], *READ[2:]], ("WIDTH", "DEPTH", "ABITS"))])
@pytest.mark.parametrize("style", ["", "block"])
def test_ports_and_parameters(kind, ports, parameters, style):
    module = kind("m", style)
    assert (module.name, list(module.ports), module.parameters) == ("m", ports, parameters)
    assert ('(* ram_style = "block", rom_style = "block" *)' in module.text) == bool(style)
    assert "module m #(\n" in module.text and module.text.endswith("endmodule")
    assert "reg [WIDTH-1:0] words [0:DEPTH-1];" in module.text


def test_reads_hold_while_they_are_not_enabled():
    for kind in (rom, rom_file):
        assert "always @(posedge clk) if (en) data <= words[addr];" in kind("m", "").text


def test_a_word_that_is_read_while_it_is_written_is_unknown():
    assert "if (w_en && w_addr == addr) data <= {WIDTH{1'bx}};" in ram("m", "").text


def test_words_of_a_parameter_and_of_a_file():
    assert "words[k] = INIT[k*WIDTH +: WIDTH];" in rom("m", "").text
    assert ('if (FILE != "") begin : from_file initial $readmemh(FILE, words); end'
            in rom_file("m", "").text)


def test_one_module_with_the_words_of_all_its_files():
    module = rom_file("m", "distributed")
    text = module.holding([Memory("a", "m", 5, 2, "a.hex"), Memory("b", "m", 12, 3, "b.hex")],
                          {"a.hex": "1f\n03\n", "b.hex": "abc\n000\n123\n"})
    assert "readmemh" not in text and 'rom_style = "distributed"' in text
    assert """\
  if (FILE == "a.hex") initial begin
    words[0] = 5'h1f;
    words[1] = 5'h03;
  end
  if (FILE == "b.hex") initial begin
    words[0] = 12'habc;
    words[1] = 12'h000;
    words[2] = 12'h123;
  end
""" in text
