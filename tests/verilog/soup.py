"""Random modules, and what Amaranth and Verilator make of them."""

import subprocess

import numpy as np
from amaranth.hdl import (
    Array,
    Cat,
    ClockDomain,
    Const,
    Module,
    Mux,
    Shape,
    Signal,
    Value,
    signed,
    unsigned,
)
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from qhw.tools import programs

INPUTS = [("a", unsigned(1)), ("b", unsigned(4)), ("c", signed(4)), ("d", unsigned(7)),
          ("e", signed(9)), ("f", signed(1)), ("g", unsigned(3)), ("h", signed(6)),
          ("z", unsigned(0))]


class Draw:
    """Random expressions over some signals."""

    def __init__(self, rng, signals):
        self.rng, self.signals = rng, signals

    def pick(self, *of):
        return of[self.rng.integers(len(of))]

    def value(self, depth) -> Value:
        if depth == 0 or self.rng.random() < 0.1:
            if self.rng.random() < 0.2:
                shape = Shape(int(self.rng.integers(1, 6)), bool(self.rng.integers(2)))
                return Const(int(self.rng.integers(-40, 40)), shape)
            return self.pick(*self.signals)
        made = getattr(self, self.pick(
            "ring", "ring", "ring", "bits", "compare", "unary", "shift", "mux", "cat", "slice",
            "slice", "part", "reduce", "cast", "chosen"))(depth - 1)
        return made if len(made) <= 48 else made[:24]

    def ring(self, depth):
        a, b = self.value(depth), self.value(depth)
        return self.pick(a + b, a - b, a * b)

    def bits(self, depth):
        a, b = self.value(depth), self.value(depth)
        return self.pick(a & b, a | b, a ^ b)

    def compare(self, depth):
        a, b = self.value(depth), self.value(depth)
        return self.pick(a < b, a <= b, a == b, a != b, a > b, a >= b)

    def unary(self, depth):
        a = self.value(depth)
        return self.pick(~a, -a, +a, ~a)

    def shift(self, depth):
        a, b, k = self.value(depth), self.value(depth).as_unsigned()[:3], self.rng.integers(5)
        if getattr(a, "operator", "") in ("<<", ">>"):
            a = ~a      # Verilator 5.48 makes a >> x >> y a >> (x + y), without the sum's carry
        return self.pick(a << b, a >> b, a << int(k), a >> int(k), a.shift_right(int(k)))

    def mux(self, depth):
        return Mux(self.value(depth), self.value(depth), self.value(depth))

    def chosen(self, depth):
        return Value.cast(Array(self.value(depth) for _ in range(3))[self.value(depth)[:2]])

    def cat(self, depth):
        return self.pick(Cat(self.value(depth), self.value(depth)),
                         Cat(self.value(depth), self.value(0), self.value(0)),
                         self.value(0).replicate(2))

    def slice(self, depth):
        a = self.value(depth)
        lo, hi = sorted(int(k) for k in self.rng.integers(0, len(a) + 1, 2))
        return a[lo:hi]

    def part(self, depth):
        # Amaranth's simulator is wrong on parts of what has not been masked: hence Cat.
        a, off = self.value(depth), self.value(depth).as_unsigned()[:2]
        a = a if isinstance(a, Signal) else Cat(a)
        n = int(self.rng.integers(1, 5))
        return self.pick(a.bit_select(off, n), a.word_select(off, n))

    def reduce(self, depth):
        a = self.value(depth)
        return self.pick(a.any(), a.all(), a.xor(), a.bool())

    def cast(self, depth):
        a = self.value(depth)
        return a.as_signed() if len(a) and self.rng.integers(2) else a.as_unsigned()


class Soup(wiring.Component):
    """Everything that a module can say, at random."""

    def __init__(self, seed, outputs=40, registers=6):
        self.seed, self.outputs, self.registers = seed, outputs, registers
        rng = np.random.default_rng(seed)
        shapes = [Shape(int(rng.integers(1, 14)), bool(rng.integers(2)))
                  for _ in range(outputs + 2 * registers)]
        super().__init__({name: In(shape) for name, shape in INPUTS} | {
            f"y{k}": Out(shape, init=int(rng.integers(0, 2)) - shape.signed)
            for k, shape in enumerate(shapes)})

    def elaborate(self, platform):
        m = Module()
        rng = np.random.default_rng(self.seed)
        draw = Draw(rng, [getattr(self, name) for name, _ in INPUTS])
        every = [getattr(self, f"y{k}") for k in range(self.outputs + 2 * self.registers)]
        comb = every[:self.outputs]
        for y in comb[::2]:
            m.d.comb += y.eq(draw.value(4))
        self.block(m, m.d.comb, draw, comb[1::4], 2)
        self.block(m, m.d.comb, draw, comb[3::4], 2)
        for first in (self.outputs, self.outputs + self.registers):
            group = every[first:first + self.registers]
            inner = Draw(rng, [*draw.signals, *group])
            for _ in range(3):
                self.block(m, m.d.sync, inner, group, 2)
        return m

    def block(self, m, domain, draw, targets, depth):
        """Statements that assign ``targets``."""
        for _ in range(3):
            kind = draw.rng.integers(5) if depth else 0
            if kind < 2:
                domain += self.target(draw, targets).eq(draw.value(2))
            elif kind < 4:
                with m.If(draw.value(2).bool()):
                    self.block(m, domain, draw, targets, depth - 1)
                with m.Elif(draw.value(2).bool()):
                    self.block(m, domain, draw, targets, depth - 1)
                if kind == 3:
                    with m.Else():
                        self.block(m, domain, draw, targets, depth - 1)
            else:
                self.switch(m, domain, draw, targets, depth)

    def switch(self, m, domain, draw, targets, depth):
        test = draw.value(2)[:3]
        n = len(test)
        dashes = draw.rng.integers(2)
        with m.Switch(test):
            for _ in range(3):
                patterns = ["".join(draw.pick(*("01-" if dashes else "01")) for _ in range(n))
                            for _ in range(draw.rng.integers(1, 3))]
                with m.Case(*patterns):
                    self.block(m, domain, draw, targets, depth - 1)
            with m.Default():
                self.block(m, domain, draw, targets, depth - 1)

    def target(self, draw, targets):
        y = draw.pick(*targets)
        k, off = int(draw.rng.integers(1, 4)), draw.value(1).as_unsigned()[:2]
        match draw.rng.integers(8):
            case 0:
                return y[:k]
            case 1:
                return y.word_select(off, k)
            case 2:
                return y.bit_select(off, k)
            case 3:
                return Cat(y[:1], draw.pick(*targets))
            case 4:
                return Value.cast(Array([y, draw.pick(*targets)])[off])
            case 5:
                return y.word_select(off, k)[:max(k - 1, 1)]
        return y


def expected(component, samples):
    """Outputs after each clock edge, by Amaranth's simulator."""
    names = [path[0] for path, member, _ in component.signature.flatten(component)
             if member.flow is Out]
    found = []

    async def bench(ctx):
        for row in samples:
            ctx.set(component_reset, int(row[-1]))
            for (name, _), value in zip(INPUTS, row, strict=False):
                ctx.set(getattr(component, name), int(value))
            await ctx.tick()
            found.append([ctx.get(getattr(component, n)) & (1 << len(getattr(component, n))) - 1
                          for n in names])

    m = Module()
    m.domains.sync = domain = ClockDomain()
    component_reset = domain.rst
    m.submodules.dut = component
    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return names, found


def verilated(folder, sources, samples, names, runtime):
    """The same by Verilator; the clock ticks after each row of inputs."""
    (folder / "dut.v").write_text(sources)
    verilate, env, include = programs.verilator()
    programs.run([*verilate, "--cc", "--prefix", "Vdut", "--Mdir", ".", "--top-module", "soup",
                  "-Wno-fatal", "-Wno-lint", "-Wno-style", "dut.v"], cwd=folder, env=env)
    sets = "".join(f"  dut.{name} = row[{k}];\n" for k, (name, shape) in enumerate(INPUTS)
                   if shape.width)
    gets = "".join(f'  printf("%llu ", (unsigned long long)dut.{name});\n' for name in names)
    rows = ",\n".join("{" + ", ".join(str(int(v)) for v in row) + "}" for row in samples)
    (folder / "main.cc").write_text(
        '#include "Vdut.h"\n#include <cstdio>\n'
        f"static const int rows[][{len(samples[0])}] = {{\n{rows}\n}};\n"
        "int main() {\n Vdut dut; dut.clk = 0;\n for (auto &row : rows) {\n"
        f"{sets}  dut.rst = row[{len(INPUTS)}];\n  dut.eval(); dut.clk = 1; dut.eval();\n"
        "  dut.clk = 0; dut.eval();\n"
        f'{gets}  printf("\\n");\n }}\n}}\n')
    generated = sorted(folder.glob("*.cpp"))
    (folder / "all.cc").write_text("".join(f'#include "{s.name}"\n' for s in generated))
    programs.run([*programs.cxx(), "-std=gnu++20", "-O0", f"-I{include}", "-I.", "main.cc",
                  "all.cc", *runtime, "-pthread", "-o", "sim"], cwd=folder)
    answer = subprocess.run([folder / "sim"], capture_output=True, text=True, check=True).stdout
    return [[int(word) for word in line.split()] for line in answer.splitlines()]
