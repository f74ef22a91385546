"""Python and the command line are one interface: options and parameters, defaults, examples."""

import doctest
import importlib
import inspect
import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
import typer

import qhw
from qhw.cli import app
from qhw.exploration.sweep import How
from qhw.fold.record import Goal

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(app).commands
PRINTS = {"json": "Python has the record itself", "help": "help() has it"}
"""Options that only a terminal needs."""
LOADS = {"input_format", "input_shape", "scheme", "activations", "calibrate", "method",
         "per_tensor"}
"""Options whose parameters ``load`` has; every verb takes its graph."""
GOALS = {"fps": "fps", "clock": "clock_mhz", "max_luts": "luts", "max_brams": "brams",
         "max_dsps": "dsps", "spatial": "spatial"}
"""Options that are fields of ``Goal``."""
ELSEWHERE = {
    "fit": "an empty Goal", "fold": "folds, which read_folds reads from a file",
    "output of simulate": "Simulation.write", "output of run": "Inference.write",
    "limit": "of read_input, or a slice of x",
    "asic": "asic=Asic()", "tinytapeout": "asic=TinyTapeout()", "period": "a field of Asic",
    "author": "a field of TinyTapeout", "tiles": "a field of TinyTapeout",
    "error_report": "qhw.verbs.error_report",
    "target of flash": "refused: a board has its chip", "target of run": "refused, as of flash"}
"""Options without a parameter of the verb, and what Python has in their place."""
NAMES = {"input": "x", "calibrate": "calibration", "layer": "layers", "mix": "mixes",
         "fold": "folds", "synth": "measure", "build of flash": "output", "trace_layers": "trace",
         "synth of compare": "synth", "synth of explore": "synth"}
"""Parameters with another word, because Python gives arrays and mappings in place of files."""
CHOICE = {"budget", "accuracy", "target", "schemes", "cycles"}
"""Options of ``quantize`` that make it ``mix``."""
EMPTY = (None, (), [], {}, "", inspect.Parameter.empty)


def parameters(command):
    """The defaults of the verb's parameters, by name."""
    verb = getattr(qhw, command)
    found = {p.name: p.default for p in inspect.signature(verb).parameters.values()}
    for more, kind in (("how", How), ("steps", None)):
        if more in found:
            names = kind.__annotations__ if kind else {
                f.name for f in fields(importlib.import_module("qhw.quantization.prepare").Plan)}
            found |= dict.fromkeys(names, inspect.Parameter.empty)
    return found


VERBS = [(command, option) for command, of in COMMANDS.items()
         if command not in ("schemes", "targets", "boards", "doctor", "new")
         for option in of.params]


@pytest.mark.parametrize(("command", "option"), VERBS,
                         ids=[f"{command}-{option.name}" for command, option in VERBS])
def test_an_option_is_a_parameter_with_the_same_default(command, option):
    name, known = option.name, parameters(command)
    said = f"{name} of {command}"
    if name in PRINTS or name in ELSEWHERE or said in ELSEWHERE:
        return
    if command == "quantize" and name in CHOICE:
        assert option.default is None and (
            name == "target" or name == "schemes" or parameters("mix")[name] is None)
        return
    if name in GOALS:
        assert GOALS[name] in {f.name for f in fields(Goal)} and {"goal", "options"} & {*known}
        return
    home = known
    if name in LOADS and NAMES.get(name, name) not in known:
        assert command in ("build", "estimate", "synth", "simulate", "flash", "run")
        home = parameters("load")
    word = NAMES.get(said, NAMES.get(name, name))
    if word not in home and "options" in known:
        assert word in ("board", "cycles", "folds")         # in ``options`` of a comparison
        return
    assert word in home
    default = home[word]
    if isinstance(option, click.Option) and option.required or default in EMPTY:
        assert option.default in EMPTY or option.default is False or default is (
            inspect.Parameter.empty), (option.default, default)
    else:
        assert option.default == default


def test_every_list_is_there():
    for command in ("schemes", "targets", "boards"):
        assert command in COMMANDS and f"list_{command}" in qhw.__all__


def test_defaults_of_a_sweep_are_those_of_the_command():
    """``How`` has no defaults of its own: what ``sweep`` takes in their place."""
    text = inspect.getsource(importlib.import_module("qhw.exploration.sweep").sweep)
    asked = dict(re.findall(r'how\.get\("(\w+)", ([^)]+?)\)', text))
    for command in ("compare", "explore"):
        for option in COMMANDS[command].params:
            if option.name in asked and option.default not in EMPTY:
                assert repr(option.default).replace("'", '"') == asked[option.name], option.name


MODULES = ["qhw", "qhw.verbs.boards", "qhw.verbs.costs", "qhw.verbs.hardware", "qhw.verbs.lists",
           "qhw.verbs.reading", "qhw.verbs.simulation", "qhw.quantization.quantize",
           "qhw.exploration.compare", "qhw.exploration.explore", "qhw.exploration.mixed"]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(name), extraglobs={"qhw": qhw})
    assert found.failed == 0


def test_every_verb_has_an_example():
    for name in qhw.__all__:
        thing = getattr(qhw, name)
        if inspect.isfunction(thing) and not name.startswith("read_"):
            assert ">>> " in thing.__doc__, name
            assert thing.__module__ in MODULES, name


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch):
    """In their order, as one program; a comment behind an expression is its value."""
    monkeypatch.chdir(tmp_path)
    page, = ROOT.glob("docs/**/python.md")
    names = {}
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    assert len(blocks) > 3
    for block in blocks:
        exec(block, names)
        for line in block.splitlines():
            code, mark, said = line.partition("   # ")
            if mark and not re.match(r"\w+ = |import |with |    ", code):
                assert str(eval(code, names)) == said, line
