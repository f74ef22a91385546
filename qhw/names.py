"""Makes names safe for Verilog and C++ identifiers, file names, comments and terminals.

People and exporters name networks and layers freely. A legal identifier without another meaning is
kept. Any other name is reduced to its letters and digits, followed by eight digits of its digest,
so that two names never become the same."""

import json
import re
import unicodedata
from collections.abc import Container, Iterable
from hashlib import sha256

from . import limits

__all__ = ["Names", "comment", "file_name", "identifier", "instance", "is_identifier", "is_prefix",
           "parts", "prefix", "trouble", "unused", "visible"]

MOST = 80
"""Most characters of an identifier derived from a name: Verilator hashes ports of over 128, and
file names consist of several."""
MOST_FILE = 200
"""Most bytes of a file name; file systems allow 255."""
MOST_WRITTEN = 2 * limits.NAME
"""Most characters of a layer's name, with room for suffixes added to a name from a file."""
DIGITS = 8
PLAIN = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
"""An identifier in all languages. Verilator reserves two underscores, and joins names with one."""
OURS = re.compile(r"clk|rst|[sm]_axis_.*|tap_.*|qhw_.*", re.IGNORECASE)
"""Names of the hardware's own ports and modules."""
PRAGMAS = re.compile(r"(?:verilator|synopsys|synthesis|pragma|ambit|cadence|exemplar|translate)\b",
                     re.IGNORECASE)
"""Words that make a comment a command to a tool."""
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
"""Names that Windows reserves for devices, with any suffix."""


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
"""Reserved words of Verilog, of SystemVerilog and its package, and of C++."""


def is_identifier(name: str) -> bool:
    """Tells whether a name is legal in Verilog and in C++ as it is."""
    return _is_part(name) and name not in RESERVED


def _is_part(name: str) -> bool:
    """Tells whether a name is legal as the rest of a longer one; reserved words are."""
    return len(name) <= MOST and PLAIN.fullmatch(name) is not None and not OURS.fullmatch(name)


def identifier(name: str) -> str:
    """Returns the identifier for a name; equal names always get the same one."""
    return name if is_identifier(name) else _marked(name)


def parts(names: Iterable[str]) -> dict[str, str]:
    """Makes a legal name for each of the different ``names`` of a scope, to be appended to a
    prefix.

    The results, and their instance names, differ in more than case."""
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
    """Returns the name of a module's instance; a reserved word gets a number."""
    return f"{part}_2" if part in VERILOG else part


def prefix(name: str) -> str:
    """Returns the prefix of a network's modules and memory files: its name with underscores for
    dashes and dots, if that is legal."""
    made = re.sub(r"[-.]", "_", name)
    return made if is_prefix(made) else _marked(name)


def is_prefix(name: str) -> bool:
    """Tells whether modules and files may be called ``name``."""
    return is_identifier(name) and not DEVICES.fullmatch(name)


def _marked(name: str) -> str:
    """Makes an identifier from the letters and digits of a name, and its digest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "_".join(re.findall(r"[A-Za-z0-9]+", plain))
    if not plain[:1].isalpha() or OURS.fullmatch(plain):
        plain = f"n_{plain}" if plain else "n"
    return f"{plain[:MOST - DIGITS - 1].rstrip('_')}_{_digest(name)}"


def _digest(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def unused(name: str, taken: Container[str]) -> str:
    """Returns ``name``, or the first of ``name_2``, ``name_3``... that is not taken."""
    found, k = name, 1
    while found in taken:
        k += 1
        found = f"{name}_{k}"
    return found


class Names:
    """The identifiers of one Verilog scope; each is given out once."""

    def __init__(self) -> None:
        self.taken = set(VERILOG)

    def add(self, wish: str) -> str:
        """Returns ``wish`` made legal, with a number if it is taken."""
        wish = re.sub(r"[^A-Za-z0-9_]+", "_", wish.lstrip("$")) or "tmp"
        name = unused(f"_{wish}" if wish[0].isdigit() else wish, self.taken)
        self.taken.add(name)
        return name


def file_name(name: str, suffix: str = "") -> str:
    """Returns a file name without folders, marked like identifiers unless every system accepts it.

    Long names are cut.
    """
    whole = name + suffix
    if (re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]*", whole) and not whole.endswith(".")
            and len(whole) <= MOST_FILE and not DEVICES.fullmatch(whole)):
        return whole
    if re.fullmatch(r"[A-Za-z0-9_]+", name) and not DEVICES.fullmatch(name):
        return f"{name[:MOST_FILE - len(suffix) - DIGITS - 1]}_{_digest(name)}{suffix}"
    return _marked(name) + suffix


def comment(name: str) -> str:
    """Returns a name for a Verilog comment, quoted if it could end the line or act as a tool's
    command."""
    plain = re.fullmatch(r"[A-Za-z0-9_.:/+-]+", name) and not PRAGMAS.match(name)
    return name if plain else json.dumps(name)


def trouble(name: str) -> str:
    """Says why a name cannot be written to files as it is; empty if it can."""
    if not name:
        return "is empty"
    if len(name) > MOST_WRITTEN:
        return f"has {len(name)} characters, more than {MOST_WRITTEN}"
    if "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
        return "has characters that no file can have: zeros or halves of others"
    return ""


def visible(text: str) -> str:
    """Escapes the characters of a text that would move a terminal's cursor or reverse its letters.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else
                   c.encode("unicode_escape").decode() for c in text)
