"""The modules of memories. Reads are synchronous and hold while ``en`` is low; a memory of one
address is read without a clock.

A writer and a reader never use the same address in the same cycle. The value that the reader would
get is undefined, as in block RAM without extra logic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .parts import Memory, Module, ModulePort

__all__ = ["RomFile", "ram", "ram_one", "rom", "rom_file"]

READ = {"clk": "", "en": "", "addr": "[ABITS-1:0] ", "data": "[WIDTH-1:0] "}
WRITE = {"w_en": "", "w_addr": "[ABITS-1:0] ", "w_data": "[WIDTH-1:0] "}
"""Ports and the text before their names."""
SIZE = {"WIDTH": "WIDTH = 1", "DEPTH": "DEPTH = 2", "ABITS": "ABITS = 1"}
"""Parameters and their declarations."""
GET = "  always @(posedge clk) if (en) data <= words[addr];"


def rom(name: str, style: str) -> Module:
    """Makes the module of a constant memory with its words in a parameter."""
    return _module(
        name, style, "A constant memory of few words; word 0 is the lowest of INIT.",
        SIZE | {"INIT": "[WIDTH*DEPTH-1:0] INIT = 0"}, READ,
        "  integer k;\n"
        "  initial for (k = 0; k < DEPTH; k = k + 1) words[k] = INIT[k*WIDTH +: WIDTH];\n" + GET)


@dataclass(frozen=True)
class RomFile(Module):
    """A constant memory with its words in a file."""

    style: str = ""

    def holding(self, memories: Iterable[Memory], contents: Mapping[str, str]) -> str:
        """Returns the module's text with the contents of all ``memories`` in place of their
        files."""
        tables = "\n  ".join(
            f'if (FILE == "{memory.file}") initial begin\n'
            f"{_words(contents[memory.file].split(), memory.width)}\n  end" for memory in memories)
        return _rom_file(self.name, self.style, "FILE says which words it holds.", tables).text


def rom_file(name: str, style: str) -> RomFile:
    """Makes the module of a constant memory with its words in a file, whose name is a parameter."""
    made = _rom_file(name, style, "FILE holds a word a line in hexadecimal.",
                     'if (FILE != "") begin : from_file initial $readmemh(FILE, words); end')
    return RomFile(name, made.ports, made.text, parameters=made.parameters, style=style)


def ram(name: str, style: str) -> Module:
    """Makes the module of a memory with one writer and one reader."""
    clock, *read = READ.items()
    return _module(
        name, style,
        "A memory with a write port and a read port, which never use one address in the same "
        "cycle:\n// the data read would be undefined, as in block RAM without extra logic.",
        SIZE, dict([clock, *WRITE.items(), *read]), """\
  always @(posedge clk) begin
    if (en) begin
      data <= words[addr];
      if (w_en && w_addr == addr) data <= {WIDTH{1'bx}};
    end
    if (w_en) words[w_addr] <= w_data;
  end""")


def ram_one(name: str, style: str) -> Module:
    """Makes the module of a memory of one address, of which a cycle reads the word that it
    replaces."""
    return _module(
        name, style, "A memory of one address: it is read at any time, and written at the clock.",
        SIZE, {"clk": "", "w_en": "", "w_data": WRITE["w_data"], "addr": READ["addr"],
               "data": READ["data"]}, """\
  assign data = words[addr];
  always @(posedge clk) if (w_en) words[addr] <= w_data;""", driven="wire")


def _rom_file(name: str, style: str, file: str, filled: str) -> Module:
    return _module(name, style, f"A constant memory; {file}", SIZE | {"FILE": 'FILE = ""'}, READ,
                   f"  {filled}\n{GET}")


def _module(name: str, style: str, comment: str, parameters: Mapping[str, str],
            ports: Mapping[str, str], body: str, *, driven: str = "reg") -> Module:
    """``style`` tells synthesis where the words go; with none it may choose. ``driven`` is what
    ``data`` is."""
    attribute = f'(* ram_style = "{style}", rom_style = "{style}" *)\n  ' if style else ""
    declared = ",\n".join(f"  parameter {text}" for text in parameters.values())
    heads = ",\n".join(f"  {f'output {driven}' if port == 'data' else 'input wire'} {bits}{port}"
                       for port, bits in ports.items())
    text = (f"// {comment}\nmodule {name} #(\n{declared}\n) (\n{heads}\n);\n"
            f"  {attribute}reg [WIDTH-1:0] words [0:DEPTH-1];\n{body}\nendmodule")
    return Module(name, tuple(ModulePort("output" if port == "data" else "input", port, 1)
                              for port in ports), text, parameters=tuple(parameters))


def _words(words: list[str], width: int) -> str:
    return "\n".join(f"    words[{k}] = {width}'h{word};" for k, word in enumerate(words))
