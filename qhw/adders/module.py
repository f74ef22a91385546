"""A Verilog module of cells and expressions that records the driver and the readers of each wire.
It refuses a wire that is read and has no driver."""

from collections.abc import Collection, Iterable, Mapping

from ..errors import QhwError

__all__ = ["Pins", "Text"]

Pins = Mapping[str, str | list[str]]
"""Wires by pin; if a pin has several, the most significant is first."""


class Text:
    """The lines of a module with ports ``x`` and ``y``, in order of addition.

    ``outputs`` names the pins through which the cells drive wires."""

    def __init__(self, outputs: Collection[str] = ()):
        self.outputs = outputs
        self.lines: list[str] = []
        self.driven = set[str]()
        self.read = set[str]()

    def add(self, line: str, drives: Iterable[str] = (), reads: Iterable[str] = ()) -> None:
        """Adds a line; QhwError if a bit that it drives is driven already.

        Parameters
        ----------
        line : Verilog text
        drives : names of the bits that it drives
        reads : names of the bits that it reads
        """
        drives = [bit for bit in drives if bit]
        if twice := self.driven.intersection(drives):
            raise QhwError(f"Adders: wire {min(twice)} would be driven twice, which is a bug of "
                           "qhw; please report the layer's weights")
        self.lines.append(line)
        self.driven.update(drives)
        self.read.update(bit for bit in reads if not bit.startswith("1'b"))

    def assign(self, wire: str, value: str, reads: Iterable[str] = ()) -> None:
        """Adds an assignment; QhwError if the bit is driven already.

        Parameters
        ----------
        wire : the bit it drives
        value : a Verilog expression
        reads : names of the bits in ``value``
        """
        self.add(f"assign {wire} = {value};", [wire], reads)

    def cell(self, kind: str, name: str, pins: Pins, **parameters: str | int) -> None:
        """Adds an instance of a family's cell; a pin without a wire stays open.

        Parameters
        ----------
        kind : the cell's type
        name : the instance's name
        pins : wires by pin
        parameters : the cell's parameters by name"""
        values = ", ".join(f".{key}({value})" for key, value in parameters.items())
        found = {pin: [bits] if isinstance(bits, str) else bits for pin, bits in pins.items()}
        ends = ", ".join(f".{pin}({_joined(bits)})" for pin, bits in found.items())
        self.add(f"{kind} #({values}) {name} ({ends});" if values else f"{kind} {name} ({ends});",
                 (bit for pin, bits in found.items() if pin in self.outputs for bit in bits),
                 (bit for pin, bits in found.items() if pin not in self.outputs for bit in bits))

    def module(self, name: str, inputs: int, outputs: int) -> str:
        """Returns the whole module; QhwError if a wire that is read, or a bit of ``y``, has no
        driver.

        Parameters
        ----------
        name : the module's name
        inputs, outputs : bits of ``x`` and of ``y``; a port of 0 bits is declared with one bit"""
        given = {f"x[{k}]" for k in range(inputs)}
        asked = self.read | {f"y[{k}]" for k in range(max(outputs, 1))}
        if loose := asked - self.driven - given:
            raise QhwError(f"Adders: nothing drives wire {min(loose)}, which is a bug of qhw; "
                           "please report the layer's weights")
        return "\n".join([
            f"module {name} (input [{max(inputs, 1) - 1}:0] x, "
            f"output [{max(outputs, 1) - 1}:0] y);",
            *(f"  {line}" for line in self.lines), "endmodule", ""])


def _joined(bits: list[str]) -> str:
    return bits[0] if len(bits) == 1 else f"{{{', '.join(bits)}}}"
