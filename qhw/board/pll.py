"""PLL cells as gates."""

from amaranth.hdl import Const, Instance, Signal, Value

from ..targets.pll import Bits, Pll

__all__ = ["gates"]


def gates(pll: Pll, clock: Value, out: Value, locked: Value, *, pad: bool = False,
          device: str = "") -> Instance:
    """Makes the PLL cell of a setting.

    Parameters
    ----------
    pll : the setting, frequencies in MHz
    clock : input clock, one bit
    out : output clock, one bit
    locked : one bit, 1 once the output is stable
    pad : whether the clock's pin is the PLL's own
    device : name of the chip, for cells that need it
    """
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
