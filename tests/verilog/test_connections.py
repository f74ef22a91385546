"""Instances: what their ports connect to, and which wires between them are left out."""

import re

import pytest
from amaranth.hdl import Const, Instance, IOPort, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from qhw.verilog import printed
from qhw.verilog.connections import Child, Parameter
from qhw.verilog.parts import Contents


class Inner(wiring.Component):
    """An adder of 1."""

    def __init__(self):
        super().__init__({"x": In(4), "y": Out(4)})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.y.eq(self.x + 1)
        return m


def outer(body):
    """The text of a module with what ``body`` says."""
    class Outer(wiring.Component):
        def __init__(self):
            super().__init__({"a": In(4), "b": In(4), "z": Out(4)})

        def elaborate(self, platform):
            m = Module()
            body(self, m)
            return m
    return printed(Outer(), "top").modules[0].text


def connected(text):
    return dict(re.findall(r"\.(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text))


def inner(m, name="one"):
    m.submodules[name] = made = Inner()
    return made


def test_expressions_of_a_width_of_their_own_stand_in_the_port():
    def body(self, m):
        one = inner(m)
        m.d.comb += [one.x.eq(self.a & self.b), self.z.eq(one.y)]
    text = outer(body)
    assert connected(text) == {"x": "a & b", "y": "z"} and "wire [3:0] one" not in text


def test_sums_have_a_wire():
    """A port's context would give them another width."""
    def body(self, m):
        one = inner(m)
        m.d.comb += [one.x.eq(self.a + self.b), self.z.eq(one.y)]
    text = outer(body)
    assert connected(text)["x"] == "one_x" and "assign one_x = a + b;" in text


def test_what_is_read_twice_has_a_wire():
    def body(self, m):
        one, two = inner(m), inner(m, "two")
        m.d.comb += [one.x.eq(self.a), two.x.eq(one.y), self.z.eq(one.y ^ two.y)]
    text = outer(body)
    assert "wire [3:0] one_y;" in text and "assign z = one_y ^ two_y;" in text


def test_what_nobody_drives_is_its_initial_value_and_what_nobody_reads_is_open():
    def body(self, m):
        inner(m)
        m.d.comb += self.z.eq(self.a)
    assert connected(outer(body)) == {"x": "4'd0", "y": ""}


def external(**ports):
    def body(self, m):
        m.submodules.one = Instance("other", **{
            key: value(self) if callable(value) else value for key, value in ports.items()})
    return outer(body)


def test_ports_of_others_modules():
    text = external(i_x=lambda s: s.a ^ s.b, o_y=lambda s: s.z, i_clk=Const(1, 1))
    assert connected(text) == {"x": "a ^ b", "y": "z", "clk": "1'b1"}
    assert "  other one (" in text


def test_parts_of_a_signal_may_be_driven():
    text = external(o_y=lambda s: s.z[:3], i_x=lambda s: s.a[1])
    assert connected(text) == {"y": "z[2:0]", "x": "a[1]"} and "assign z[3] = 1'b0;" in text


def test_parameters():
    text = external(p_WIDTH=5, p_INIT=Const(9, 6), p_KIND="block", o_y=lambda s: s.z)
    assert "  other #(\n    .WIDTH(5),\n    .INIT(6'd9),\n    .KIND(\"block\")\n  ) one (" in text
    with pytest.raises(NotImplementedError, match=r"parameter 0\.5 is not supported"):
        external(p_HALF=.5, o_y=lambda s: s.z)


def test_ports_that_are_neither_in_nor_out():
    with pytest.raises(NotImplementedError, match="top: port y of instance one is neither an inp"):
        external(io_y=IOPort(4, name="pad"))


def test_contents_are_named_when_the_file_is():
    rows = Child("words", "rom", (Parameter("WIDTH", 4, ("    .WIDTH(4),",)), Parameter(
        "FILE", Contents("0\n"), ('    .FILE("', '")'))), ("    .clk(clk)",)).rows(
        "net_rom", {"FILE": "a.hex"})
    assert rows == ["  net_rom #(", "    .WIDTH(4),", '    .FILE("a.hex")', "  ) words (",
                    "    .clk(clk)", "  );"]
    assert Child("one", 3, (), ()).rows("net_one", {}) == ["  net_one one (", "  );"]


def test_clock_and_reset_are_connected_where_they_are_used():
    class Register(wiring.Component):
        def __init__(self):
            super().__init__({"y": Out(1)})

        def elaborate(self, platform):
            m = Module()
            m.d.sync += self.y.eq(~self.y)
            return m

    def body(self, m):
        m.submodules.one = one = Register()
        m.d.comb += self.z.eq(one.y)
    text = outer(body)
    assert connected(text)["clk"] == "clk" and connected(text)["rst"] == "rst"
    assert "input wire clk" in text
