"""What a terminal shows: tables by hand, and nothing that moves its cursor."""

from dataclasses import replace
from io import StringIO

import pytest

from qhw.cli import terminal
from qhw.report.record import Record
from qhw.tools.typed import read
from tests.report.pages import costs, full, layer


@pytest.fixture
def shown(monkeypatch):
    """The lines that are printed so far, with single spaces."""
    console = terminal.Terminal(width=200, file=StringIO())
    monkeypatch.setattr(terminal, "out", console)
    return lambda: [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def record(**changes):
    return read(Record, full() | {"latency_cycles": 172} | changes)


def test_costs_predicted_and_measured(shown):
    terminal.print_costs(record())
    assert shown()[:4] == [
        "digits-ternary on ice40hx8k, predicted / measured",
        "layer what, PE x SIMD cycles LUTs FFs BRAMs DSPs",
        "fc1 64>32 ternary, 8 x 4 64 812 / 790 300 / 310 8 / 8 0 / 0",
        "act1 threshold 8 40 / 50 20 / 20 0 / 0 0 / 0"]
    assert "total 64 1664 / 1637 620 / 640 16 / 16 0 / 0" in shown()
    assert shown()[-1] == "64 cycles per inference, 172 cycles latency"


def test_rates_shares_and_errors_where_they_are_known(shown):
    terminal.print_costs(record(
        measured=None, fmax_mhz={"estimate": 51.25}, uncertainty={"luts": .063},
        inferences_per_second={"estimate": 800781.2}, utilization={"luts": .217, "brams": .5},
        energy_nj=41.72, storage_bits=12928, shortfalls=["one", "two"],
        layers=[layer(measured=None)]))
    assert shown()[-6:] == [
        "64 cycles per inference, 172 cycles latency",
        "about 51.2 MHz by logic depth, 800,781 inferences a second",
        "Share of the chip: 22% of its LUTs, 50% of its block RAMs",
        "LUTs +-6% (one standard deviation), energy 41.7 nJ per inference in 45 nm CMOS, "
        "12,928 bits of weights", "It does not fit: one", "It does not fit: two"]


def test_an_asic_has_gates_and_transistors(shown):
    cost = costs(9, 3) | {"transistors": 70}
    terminal.print_costs(record(target="asic", estimate=cost, measured=None,
                                layers=[layer(estimate=cost, measured=None)]))
    assert shown()[1:3] == ["layer what, PE x SIMD cycles gates flip-flops transistors",
                            "fc1 64>32 ternary, 8 x 4 64 9 3 70"]


def test_what_was_checked(shown):
    known = record().check
    terminal.print_check(known)
    terminal.print_check(None)
    reference = {"engine": "onnxruntime", "samples": 8, "equal": 7, "ties": 1, "reason": None}
    terminal.print_check(replace(record(check=full()["check"] | {"reference": reference}).check))
    assert shown()[:2] == [
        "Checked in 9.5 s: the compiled Verilog equals the golden on 8 samples at 6 layers, with "
        "and without pauses", "Not checked: the Verilog was not simulated (--no-check)"]
    assert shown()[-1] == ("onnxruntime gives the same outputs on 7 of 8 samples, 1 "
                                     "within float32's error of a step")


def test_names_are_shown_as_they_are(shown):
    """Neither brackets nor escapes do anything."""
    terminal.out.print("[red]\x1b[31m:smile:[/red]")
    assert shown() == [r"[red]\x1b[31m:smile:[/red]"]


def test_a_pipe_gets_no_bars(capsys):
    with terminal.progress(3, "counting") as done:
        done(2)
    with terminal.spinner("waiting"):
        pass
    assert capsys.readouterr() == ("", "")
