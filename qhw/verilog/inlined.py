"""A network's Verilog in one file, memories included."""

import re
from collections.abc import Mapping

__all__ = ["inlined"]


def inlined(files: Mapping[str, str]) -> str:
    """The Verilog, with the contents of its memories in place of the files that it reads."""
    verilog, = (text for name, text in files.items() if name.endswith(".v"))
    contents = {name: text.split() for name, text in files.items() if name.endswith(".hex")}
    widths = {name: width for width, name in re.findall(
        r'\.WIDTH\((\d+)\),\s*\.DEPTH\(\d+\),\s*\.ABITS\(\d+\),\s*\.FILE\("(.*?)"\)', verilog)}
    tables = "\n  ".join(
        f'if (FILE == "{name}") initial begin\n{_words(words, widths[name])}\n  end'
        for name, words in contents.items())
    verilog = re.sub(r'if \(FILE != ""\) initial \$readmemh\(FILE, words\);', lambda _: tables,
                     verilog)
    return (verilog.replace("// A constant memory; FILE holds a word a line in hexadecimal.",
                            "// A constant memory; FILE says which words it holds.")
            .replace("Contents of larger memories are in the .hex files, which $readmemh finds in "
                     "the working\n// folder of the simulator or the synthesizer.",
                     "Contents of memories are in this file."))


def _words(words: list[str], width: str) -> str:
    return "\n".join(f"    words[{k}] = {width}'h{word};" for k, word in enumerate(words))
