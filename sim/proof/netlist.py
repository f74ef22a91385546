"""What a synthesized netlist computes: every wire holds one bit of all samples at once."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["depth", "outputs", "settled"]

Bits = Mapping[str, list[int]]


def outputs(module: Mapping[str, Any], x: np.ndarray, unknown: int = 0) -> np.ndarray:
    """Port ``y`` for the bits of port ``x``, both of shape (samples, bits); what is not connected
    has the bits of ``unknown``, one a sample."""
    samples = len(x)
    ones = (1 << samples) - 1
    known: dict[Any, int] = {"0": 0, "1": ones, "x": unknown}
    for wire, column in zip(module["ports"]["x"]["bits"], x.T.astype(bool), strict=True):
        known[wire] = int.from_bytes(np.packbits(column, bitorder="little").tobytes(), "little")
    for cell in _sorted(module, set(known)):
        pins = {pin: [known[b] for b in bits] for pin, bits in cell["connections"].items()
                if cell["port_directions"][pin] == "input"}
        for pin, values in CELLS[cell["type"]](pins, cell["parameters"], ones).items():
            bits = zip(cell["connections"].get(pin, ()), values, strict=False)
            known.update((bit, value) for bit, value in bits if bit != "x")
    y = [known[b] for b in module["ports"]["y"]["bits"]]
    rows = [np.unpackbits(np.frombuffer(v.to_bytes(samples // 8 + 1, "little"), np.uint8),
                          bitorder="little")[:samples] for v in y]
    return np.array(rows).T


def settled(module: Mapping[str, Any], x: np.ndarray, cycles: int) -> np.ndarray:
    """Port ``y`` after so many cycles of the same ``x``, with registers that begin at 0."""
    kept = {name: cell for name, cell in module["cells"].items() if cell["type"] == "$_DFF_P_"}
    d, q = ([cell["connections"][pin][0] for cell in kept.values()] for pin in "DQ")
    x_bits, y_bits = (module["ports"][port]["bits"] for port in "xy")
    state = np.zeros((len(x), len(q)), np.uint8)
    logic = {"ports": {"x": {"bits": x_bits + q}, "y": {"bits": y_bits + d}},
             "cells": {k: cell for k, cell in module["cells"].items() if k not in kept}}
    for _ in range(cycles):
        y = outputs(logic, np.concatenate([x, state], axis=1))
        state = y[:, len(y_bits):]
    return outputs(logic, np.concatenate([x, state], axis=1))[:, :len(y_bits)]


def _sorted(module: Mapping[str, Any], known: set[Any]) -> list[Any]:
    """Cells after those that they read."""
    cells = list(module["cells"].values())
    makes = {bit: cell for cell in cells for pin, bits in cell["connections"].items()
             if cell["port_directions"][pin] == "output" for bit in bits}
    done, order = set[int](), list[Any]()
    for root in cells:
        stack = [(root, False)]
        while stack:
            cell, ready = stack.pop()
            if ready:
                order.append(cell)
                continue
            if id(cell) in done:
                continue
            done.add(id(cell))
            stack.append((cell, True))
            stack += [(makes[bit], False) for pin, bits in cell["connections"].items()
                      if cell["port_directions"][pin] == "input"
                      for bit in bits if bit not in known and id(makes[bit]) not in done]
    return order


def depth(module: Mapping[str, Any]) -> int:
    """Cells on the longest path on which every output really depends on the input before it."""
    level: dict[Any, int] = {"0": 0, "1": 0, "x": 0}
    level |= {bit: 0 for bit in module["ports"]["x"]["bits"]}
    for cell in _sorted(module, set(level)):
        pins = cell["connections"]
        for out, needed in _needs(cell):
            if out in pins:
                level[pins[out][0]] = 1 + max((level[pins[pin][0]] for pin in needed
                                               if pins.get(pin)), default=0)
        if cell["type"] == "CARRY4":
            deep = max(level[pins["CI"][0]], level[pins["CYINIT"][0]])
            for k in range(4):
                deep = max(deep, level[pins["S"][k]])
                level[pins["O"][k]] = 1 + deep
                deep = max(deep, level[pins["DI"][k]])
                level[pins["CO"][k]] = 1 + deep
    return max(level[bit] for bit in module["ports"]["y"]["bits"])


def _needs(cell: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The outputs of one bit, and the inputs that each depends on."""
    ways, kind = cell["port_directions"], cell["type"]
    inputs = sorted(pin for pin, way in ways.items() if way == "input")
    if kind == "CARRY4":
        return []
    if kind == "LUT6_2":
        ones = int(cell["parameters"]["INIT"], 2)
        return [("O6", inputs), ("O5", [f"I{k}" for k in range(5) if any(
            (ones >> c ^ ones >> (c ^ 1 << k)) & 1 for c in range(32))])]
    if kind == "CCU2C":
        return [("S0", [*(f"{p}0" for p in "ABCD"), "CIN"]), ("S1", inputs), ("COUT", inputs)]
    return [(pin, inputs) for pin, way in ways.items() if way == "output"]


def _lut(ones: int, inputs: list[int], every: int) -> int:
    """A table's output: by its truth table, one input after the other."""
    values = [every if ones >> code & 1 else 0 for code in range(1 << len(inputs))]
    for pin in inputs:
        values = [a if a == b else (a & ~pin) | (b & pin)
                  for a, b in zip(values[::2], values[1::2], strict=True)]
    return values[0]


def _sb_lut4(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    inputs = [pins[f"I{k}"][0] if f"I{k}" in pins else 0 for k in range(4)]
    return {"O": [_lut(int(parameters["LUT_INIT"], 2), inputs, every)]}


def _sb_carry(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    a, b, c = pins["I0"][0], pins["I1"][0], pins["CI"][0]
    return {"CO": [a & b | (a | b) & c]}


def _lut_any(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    inputs = [pins[name][0] for name in sorted(pins)]
    out = _lut(int(parameters["INIT"], 2), inputs, every)
    return {"O": [out], "Z": [out], "F": [out]}


def _lut6_2(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    inputs, ones = [pins[f"I{k}"][0] for k in range(6)], int(parameters["INIT"], 2)
    return {"O6": [_lut(ones, inputs, every)], "O5": [_lut(ones, inputs[:5], every)]}


def _carry4(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    carry, sums, carries = pins["CI"][0] | pins["CYINIT"][0], list[int](), list[int]()
    for s, d in zip(pins["S"], pins["DI"], strict=True):
        sums.append(s ^ carry)
        carry = s & carry | ~s & d
        carries.append(carry)
    return {"O": sums, "CO": carries}


def _ccu2c(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    carry, found = pins["CIN"][0], dict[str, list[int]]()
    for side in range(2):
        ones = int(parameters[f"INIT{side}"], 2)
        inputs = [pins[f"{pin}{side}"][0] for pin in "ABCD"]
        parity, generated = _lut(ones, inputs, every), _lut(ones & 15, inputs[:2], every)
        found[f"S{side}"] = [parity ^ carry]
        carry = parity & carry | ~parity & generated
    return {**found, "COUT": [carry]}


def _alu(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    a, b, plus, carry = (pins[pin][0] for pin in ("I0", "I1", "I3", "CIN"))
    minus = every & ~b
    total, given = {ADD: (a ^ b, a), SUB: (a ^ minus, a), NE: (a ^ minus, every),
                    GE: (a ^ minus, a), LE: (a ^ minus, b),
                    ADDSUB: (plus & (a ^ b) | ~plus & (a ^ minus), a)}[
        int(parameters["ALU_MODE"], 2)]
    return {"SUM": [total ^ carry], "COUT": [total & carry | ~total & given]}


def _gate(table: int) -> Callable[[Bits, Mapping[str, str], int], Bits]:
    """One of Yosys's gates, by its output for each code of A, B and S."""
    def gate(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
        return {"Y": [_lut(table, [pins[pin][0] for pin in "ABS" if pin in pins], every)]}
    return gate


def _select(pins: Bits, parameters: Mapping[str, str], every: int) -> Bits:
    high, low, select = pins["I1"][0], pins["I0"][0], pins["S"][0]
    return {"O": [select & high | ~select & low]}


ADD, SUB, ADDSUB, NE, GE, LE = range(6)
"""Modes of Gowin's ALU that synthesis writes."""
GATES = {"NOT": 1, "BUF": 2, "AND": 8, "OR": 14, "XOR": 6, "XNOR": 9, "NAND": 7, "NOR": 1,
         "ANDNOT": 2, "ORNOT": 11, "MUX": 0xCA}
CELLS: dict[str, Callable[[Bits, Mapping[str, str], int], Bits]] = {
    "SB_LUT4": _sb_lut4, "SB_CARRY": _sb_carry, "CARRY4": _carry4, "LUT6_2": _lut6_2,
    "CCU2C": _ccu2c, "ALU": _alu, "MUXF7": _select, "MUXF8": _select,
    "GND": lambda pins, _, every: {"G": [0]}, "VCC": lambda pins, _, every: {"V": [every]},
    **{f"$_{name}_": _gate(table) for name, table in GATES.items()},
    "INV": lambda pins, _, every: {"O": [every & ~pins["I"][0]]},
    **{f"LUT{k}": _lut_any for k in range(1, 7)}}
