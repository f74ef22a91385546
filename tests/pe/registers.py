"""Registers that count how many of them are on the paths to a value."""

from amaranth.hdl import Const, Signal, Value

from qhw.tools.hdl import operands


class Registers:
    """Registers by their outputs."""

    def __init__(self):
        self.before: dict[int, tuple[Value, int]] = {}
        self.made: list[Signal] = []

    def __call__(self, value, stage):
        made = Signal(value.shape())
        self.before[id(made)] = value, stage
        self.made.append(made)
        return made

    def counts(self, value):
        """How many registers are on the paths to a value from its inputs."""
        if id(value) in self.before:
            found = {count + 1 for count in self.counts(self.before[id(value)][0])}
            assert found == {self.before[id(value)][1] + 1}, "stages in their order"
            return found
        parts = [p for p in operands(value) if not isinstance(p, Const)]
        return set[int]().union(*map(self.counts, parts)) if parts else {0}
