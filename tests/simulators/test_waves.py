"""Waveforms: what a VCD file says of a simulation, and which files are replaced."""

import re

import pytest

from qhw.errors import QhwError
from qhw.simulators import verilator_sim
from qhw.simulators.waves import check_vcd, recorded, write_vcd
from tests.simulators.steps import WANT, X, network


def read(text):
    """The full names by identifier, and the values by identifier at each time."""
    names, scopes = {}, []
    head, body = text.split("$enddefinitions $end")
    for kind, scope, code, name in re.findall(
            r"\$(scope|upscope|var)(?: module (\S+))?(?: wire +\d+ (\S+) (\S+))?", head):
        if kind == "scope":
            scopes.append(scope)
        elif kind == "upscope":
            scopes.pop()
        else:
            names[".".join([*scopes, name])] = code
    values, steps = {}, []
    for line in body.split("\n"):
        if line.startswith("#"):
            steps.append((int(line[1:]), values := dict(values)))
        elif match := re.fullmatch(r"b?([01]+) ?(\S+)", line):
            values[match[2]] = int(match[1], 2)
    return names, steps


@pytest.mark.parametrize("stalls", [None, 5])
def test_beats_at_rising_edges_are_the_outputs(stalls, tmp_path):
    """A reader of the file alone finds the output beats, between the edges of the clock."""
    path = tmp_path / "net.vcd"
    run = verilator_sim.simulate(network(), X, stalls=stalls, waves=path)
    assert run.codes.tolist() == WANT
    names, steps = read(path.read_text())
    assert [time for time, _ in steps] == list(range(0, 5 * len(steps), 5))
    top = {name: names[f"TOP.net.{name}"] for name in (
        "clk", "rst", "m_axis_tvalid", "m_axis_tready", "m_axis_tdata")}
    before = [{name: at[code] for name, code in top.items()} for _, at in steps[::2]]
    assert [at["clk"] for at in before] == [0] * len(before)
    assert [at[top["clk"]] for _, at in steps[1::2]] == [1] * (len(steps) // 2)
    assert [at["rst"] for at in before[:3]] == [1, 1, 0]
    beats = [at["m_axis_tdata"] for at in before
             if not at["rst"] and at["m_axis_tvalid"] and at["m_axis_tready"]]
    assert beats == [code for sample in WANT for code in sample]
    assert any(name.count(".") > 2 for name in names)       # instances below the top


def test_a_failed_simulation_leaves_its_waveform(tmp_path):
    path = tmp_path / "net.vcd"

    def stuck():
        with recorded(path, tmp_path) as files:
            files[0].write_text("#0\n")
            raise QhwError("stuck")

    with pytest.raises(QhwError, match="stuck"):
        stuck()
    assert path.read_text().endswith("$end\n#0\n")


def test_only_files_of_ours_are_replaced(tmp_path):
    new, path = tmp_path / "new", tmp_path / "net.vcd"
    new.write_text("#0\n")
    write_vcd(path, new)
    write_vcd(path, new)
    path.write_text(path.read_text() + "#5\n")
    with pytest.raises(QhwError, match="changed since"):
        write_vcd(path, new)
    assert path.read_text().endswith("#5\n")
    path.write_text("$version of somebody else $end\n")
    with pytest.raises(QhwError, match="not written by qhw"):
        check_vcd(path)


@pytest.mark.parametrize("name", ["net.fst", "net", "folder.vcd"])
def test_names_that_are_refused(name, tmp_path):
    (tmp_path / "folder.vcd").mkdir()
    with pytest.raises(QhwError, match="is no file" if name == "folder.vcd" else "ends in .vcd"):
        check_vcd(tmp_path / name)
