"""Names made safe, all in this place: as identifiers in Verilog and C++, in files' names, in
comments, on a terminal.

People and exporters name networks and layers as they like. What is an identifier already and means
nothing else stays as it is. Any other name becomes its letters and digits with eight digits of its
digest behind them, so that two names never become one.
"""

import json
import re
import unicodedata
from collections.abc import Container, Iterable
from hashlib import sha256

from . import limits

__all__ = ["Names", "comment", "file_name", "identifier", "instance", "is_identifier", "is_prefix",
           "parts", "prefix", "trouble", "unused", "visible"]

MOST = 80
"""Characters of an identifier made of a name: Verilator hashes ports of over 128, and files'
names are made of several."""
MOST_FILE = 200
"""Bytes of a file's name; file systems take 255."""
MOST_WRITTEN = 2 * limits.NAME
"""Characters of a layer's name: what is added to one from a file has room."""
DIGITS = 8
PLAIN = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
"""An identifier everywhere. Verilator reads two underscores as its own, and joins with one."""
OURS = re.compile(r"clk|rst|[sm]_axis_.*|tap_.*|qhw_.*", re.IGNORECASE)
"""What the hardware itself calls its ports and its own modules."""
PRAGMAS = re.compile(r"(?:verilator|synopsys|synthesis|pragma|ambit|cadence|exemplar|translate)\b",
                     re.IGNORECASE)
"""Words that make a comment a command to a tool."""
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
"""What is no file on Windows, with any suffix."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERILOG = _words("""
accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before
begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class
clocking cmos config const constraint context continue cover covergroup coverpoint cross deassign
default defparam design disable dist do edge else end endcase endchecker endclass endclocking
endconfig endfunction endgenerate endgroup endinterface endmodule endpackage endprimitive endprogram
endproperty endsequence endspecify endtable endtask enum event eventually expect export extends
extern final first_match for force foreach forever fork forkjoin function generate genvar global
highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir include
initial inout input inside instance int integer interconnect interface intersect join join_any
join_none large let liblist library local localparam logic longint macromodule matches medium
modport module nand negedge nettype new nexttime nmos nor noshowcancelled not notif0 notif1 null or
output package packed parameter pmos posedge primitive priority program property protected pull0
pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence
rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0
rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal
showcancelled signed small soft solve specify specparam static string strong strong0 strong1 struct
super supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time
timeprecision timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union
unique unique0 unsigned until until_with untyped use uwire var vectored virtual void wait wait_order
wand weak weak0 weak1 while wildcard wire with within wor xnor xor
bool wone wreal
""")
"""Reserved in Verilog-2005 and SystemVerilog-2017, and three of Icarus Verilog's own."""
RESERVED = VERILOG | _words("""
alignas alignof and_eq asm auto bitand bitor catch char char16_t char32_t char8_t co_await
co_return co_yield compl concept const_cast consteval constexpr constinit decltype delete double
dynamic_cast explicit false float friend goto inline long mutable namespace noexcept not_eq nullptr
operator or_eq private public register reinterpret_cast requires short sizeof static_assert
static_cast switch template thread_local throw true try typeid typename using volatile wchar_t
xor_eq
std
""")
"""With C++'s words, and SystemVerilog's own package."""


def is_identifier(name: str) -> bool:
    """Whether a name can stand alone in Verilog and in C++ as it is."""
    return _is_part(name) and name not in RESERVED


def _is_part(name: str) -> bool:
    """Whether a name can stand behind another: words of the languages can."""
    return len(name) <= MOST and PLAIN.fullmatch(name) is not None and not OURS.fullmatch(name)


def identifier(name: str) -> str:
    """The identifier that stands for a name, the same one wherever the name comes up."""
    return name if is_identifier(name) else _marked(name)


def parts(names: Iterable[str]) -> dict[str, str]:
    """What stands for each of the different names of a scope in modules' and ports' names; they
    and their instances differ in more than their case."""
    found: dict[str, str] = {}
    taken = set[str]()
    for name in names:
        made = name if _is_part(name) else _marked(name)
        if {made.lower(), instance(made).lower()} & taken:
            made = _marked(name)
        found[name] = made
        taken |= {made.lower(), instance(made).lower()}
    return found


def instance(part: str) -> str:
    """What an instance of a module is called: a number is behind a word of Verilog."""
    return f"{part}_2" if part in VERILOG else part


def prefix(name: str) -> str:
    """What the modules and memory files of a network begin with: its name with dashes and dots as
    underscores, if that is an identifier and no device."""
    made = re.sub(r"[-.]", "_", name)
    return made if is_prefix(made) else _marked(name)


def is_prefix(name: str) -> bool:
    """Whether modules and files can be called so."""
    return is_identifier(name) and not DEVICES.fullmatch(name)


def _marked(name: str) -> str:
    """The letters and digits of a name with its digest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "_".join(re.findall(r"[A-Za-z0-9]+", plain))
    if not plain[:1].isalpha() or OURS.fullmatch(plain):
        plain = f"n_{plain}" if plain else "n"
    return f"{plain[:MOST - DIGITS - 1].rstrip('_')}_{_digest(name)}"


def _digest(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def unused(name: str, taken: Container[str]) -> str:
    """``name``, or the first of ``name_2``, ``name_3``... that is not taken."""
    found, k = name, 1
    while found in taken:
        k += 1
        found = f"{name}_{k}"
    return found


class Names:
    """Identifiers of one scope of Verilog, each given once."""

    def __init__(self) -> None:
        self.taken = set(VERILOG)

    def add(self, wish: str) -> str:
        """``wish`` made legal, with a number behind it if it is taken."""
        wish = re.sub(r"[^A-Za-z0-9_]+", "_", wish.lstrip("$")) or "tmp"
        name = unused(f"_{wish}" if wish[0].isdigit() else wish, self.taken)
        self.taken.add(name)
        return name


def file_name(name: str, suffix: str = "") -> str:
    """A file's name without folders: as it is if any system takes it, else marked like
    identifiers. A long one is cut."""
    whole = name + suffix
    if (re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]*", whole) and not whole.endswith(".")
            and len(whole) <= MOST_FILE and not DEVICES.fullmatch(whole)):
        return whole
    if re.fullmatch(r"[A-Za-z0-9_]+", name) and not DEVICES.fullmatch(name):
        return f"{name[:MOST_FILE - len(suffix) - DIGITS - 1]}_{_digest(name)}{suffix}"
    return _marked(name) + suffix


def comment(name: str) -> str:
    """A name in a line of Verilog that is a comment: in quotes if it could end the line, or be
    taken for a command."""
    plain = re.fullmatch(r"[A-Za-z0-9_.:/+-]+", name) and not PRAGMAS.match(name)
    return name if plain else json.dumps(name)


def trouble(name: str) -> str:
    """What keeps a name from being written to files as it is, or nothing."""
    if not name:
        return "is empty"
    if len(name) > MOST_WRITTEN:
        return f"has {len(name)} characters, more than {MOST_WRITTEN}"
    if "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
        return "has characters that no file can have: zeros or halves of others"
    return ""


def visible(text: str) -> str:
    """Text for a terminal: what would move its cursor or turn its letters around is spelled out."""
    return "".join(c if c.isprintable() or c in "\n\t" else
                   c.encode("unicode_escape").decode() for c in text)
