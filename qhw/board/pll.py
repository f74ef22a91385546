"""A setting of a PLL as gates."""

from amaranth.hdl import Const, Instance, Signal, Value

from ..targets.pll import Bits, Pll

__all__ = ["gates"]


def gates(pll: Pll, clock: Value, out: Value, locked: Value, *, pad: bool = False,
          device: str = "") -> Instance:
    """The cell of a setting, which makes ``out`` of ``clock``; with ``pad`` the clock's pin is the
    one that the PLL has for itself. ``device`` is the chip, for a cell that must be told."""
    cell = pll.kind.cell(pll, pad, device)
    inputs: dict[str, Value] = {pin: Const(bits.value, bits.width)
                                for pin, bits in cell.inputs.items()}
    outputs = {cell.out: out, cell.locked: locked}
    if cell.feedback:
        source, pin = cell.feedback
        inputs[pin] = outputs.setdefault(source, Signal())
    return Instance(
        cell.type, **{f"a_{name}": value for name, value in cell.attributes.items()},
        **{f"p_{name}": Const(value.value, value.width) if isinstance(value, Bits) else value
           for name, value in cell.parameters.items()},
        **{f"i_{pin}": value for pin, value in {**inputs, cell.clock: clock}.items()},
        **{f"o_{pin}": value for pin, value in outputs.items()})
