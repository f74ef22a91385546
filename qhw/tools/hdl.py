"""Classes of Amaranth 0.5 for expressions and statements that its public interface leaves out."""

from amaranth.hdl._ast import Assign, Concat, Operator, Part, Slice, Switch, SwitchValue

__all__ = ["Assign", "Concat", "Operator", "Part", "Slice", "Switch", "SwitchValue"]
