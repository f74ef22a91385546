"""The table of networks on boards: which rows are made again, and what the page says about them."""

import importlib.util
from itertools import count

import pytest

from qhw.errors import ModelError
from sim.bench.results import __main__ as command
from sim.bench.results import rows as kept
from sim.bench.results.data import TASKS, samples
from sim.bench.results.page import page, panels
from sim.bench.results.picture import picture
from sim.bench.results.published import PUBLISHED
from sim.bench.results.rows import PLACED_ON, SCHEMES, Job, Rows, chosen, jobs

PLACED = {"luts": 900, "ffs": 400, "brams": 8, "dsps": 0, "mhz": 40.0, "cycles": 1000,
          "energy_nj": 1.25, "right": 63, "simulated": 64}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """The command with stand-ins for training and place and route; the calls of these are kept."""
    calls = []
    monkeypatch.setattr(command, "NETWORKS", tmp_path / "networks")
    monkeypatch.setattr(command, "samples", lambda task: object() if task == "digits" else None)
    monkeypatch.setattr(command, "training_key", lambda job: f"trained {job.scheme} {job.seed}")
    monkeypatch.setattr(command, "publish", lambda rows: None)
    monkeypatch.setattr(command, "keys", lambda job: (
        {"trained": command.training_key(job.trained), "code": "1", "tools": "2"} if job.board
        else {"key": command.training_key(job)}))

    def train(job, rows):
        calls.append(job.name)
        folder = command.NETWORKS / job.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.toml").write_text(job.name)
        folder.with_suffix(".key").write_text(command.marked(job, command.training_key(job)))
        rows.put(job, {"right": 90, "of": 100, **command.keys(job)})

    class Built:
        design = "one"
        counted = {"cycles": 1000, "energy_nj": 1.25}

        def __init__(self, folder, board, cycles, data):
            self.name = f"{folder.name} {board}"

    def row(built):
        calls.append(built.name)
        return dict(PLACED)

    monkeypatch.setattr(command, "train", train)
    monkeypatch.setattr(command, "Built", Built)
    monkeypatch.setattr(command, "row", row)
    return Rows(tmp_path / "results.json"), calls


SOME = [Job("digits", "ternary"), Job("digits", "ternary", board="icebreaker")]


def test_rows_are_made_once(bench):
    rows, calls = bench
    command.measure(SOME, rows)
    assert calls == ["digits/ternary/seed0", "digits_ternary_0 icebreaker"]
    command.measure(SOME, rows)
    assert len(calls) == 2


def test_a_run_that_was_ended_continues_with_the_row_it_was_working_on(bench, monkeypatch):
    rows, calls = bench
    whole = command.row

    def ended(built):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "row", ended)
    with pytest.raises(KeyboardInterrupt):
        command.measure(SOME, rows)
    assert list(rows.all()) == ["digits/ternary/seed0"]
    monkeypatch.setattr(command, "row", whole)
    command.measure(SOME, rows)
    assert calls == ["digits/ternary/seed0", "digits_ternary_0 icebreaker"]


def test_a_row_of_another_training_is_made_again_with_what_comes_from_it(bench, monkeypatch):
    rows, calls = bench
    command.measure(SOME, rows)
    monkeypatch.setattr(command, "training_key", lambda job: "changed")
    monkeypatch.setattr(command.Built, "design", "two")
    command.measure(SOME, rows)
    assert calls == 2 * ["digits/ternary/seed0", "digits_ternary_0 icebreaker"]


def test_other_code_that_gives_the_same_design_is_not_placed_again(bench, monkeypatch):
    rows, calls = bench
    command.measure(SOME, rows)
    before = command.keys
    monkeypatch.setattr(command, "keys", lambda job: before(job) | (
        {"code": "3"} if job.board else {}))
    monkeypatch.setitem(command.Built.counted, "energy_nj", 2)
    command.measure(SOME, rows)
    assert len(calls) == 2
    assert rows.all()[SOME[1].name]["code"] == "3"
    assert rows.all()[SOME[1].name]["energy_nj"] == 2
    monkeypatch.setattr(command.Built, "design", "two")
    monkeypatch.setattr(command, "keys", before)
    command.measure(SOME, rows)
    assert calls[2:] == ["digits_ternary_0 icebreaker"]


def test_a_network_that_is_gone_or_damaged_is_trained_again(bench):
    rows, calls = bench
    command.measure(SOME[:1], rows)
    (command.NETWORKS / "digits_ternary_0" / "model.toml").write_text("another")
    command.measure(SOME, rows)
    assert calls == 2 * ["digits/ternary/seed0"] + ["digits_ternary_0 icebreaker"]


def test_a_network_that_does_not_fit_is_a_row_with_the_reason(bench, monkeypatch):
    rows, _ = bench

    def full(*_):
        raise ModelError("it takes 6000 LUTs, and there are 5280")

    monkeypatch.setattr(command, "row", full)
    command.measure(SOME, rows)
    assert rows.all()[SOME[1].name]["refused"] == "it takes 6000 LUTs, and there are 5280"
    assert "there are 5280" in page(rows.all())


def test_a_task_without_samples_is_left_out_with_its_file(bench, capsys):
    rows, calls = bench
    command.measure([Job("mnist", "binary")], rows)
    assert not calls
    assert str(TASKS["mnist"].path) in capsys.readouterr().out


def test_words_choose_rows():
    names = [job.name for job in chosen(jobs(), ["digits", "ternary", "binary", "icebreaker"])]
    assert names == ["digits/binary/icebreaker", "digits/ternary/icebreaker"]
    assert len(chosen(jobs(), ["seed0", "mnist"])) == len(SCHEMES) + 1
    with pytest.raises(ValueError, match="'terrnary' is not one of"):
        chosen(jobs(), ["terrnary"])


def test_every_row_has_a_name_and_a_folder_of_its_own():
    every = jobs()
    assert len({job.name for job in every}) == len(every)
    assert len({job.folder for job in every}) == len({job.trained for job in every})


def test_the_key_of_a_training_follows_the_scheme_the_seed_and_the_code(tmp_path, monkeypatch):
    data = samples_of(0)
    monkeypatch.setattr(kept, "samples", lambda task: data)
    made = [kept.training_key(job) for job in (
        Job("digits", "binary"), Job("digits", "ternary"), Job("digits", "binary", 1))]
    assert len(set(made)) == 3
    assert kept.training_key(Job("digits", "binary", board="icebreaker")) == made[0]
    (tmp_path / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "TRAINS", ("a.py",))
    monkeypatch.setattr(kept, "code", kept.code.__wrapped__)
    first = kept.training_key(Job("digits", "binary"))
    (tmp_path / "a.py").write_text("# one\nx  =  1\n")
    assert kept.training_key(Job("digits", "binary")) == first
    (tmp_path / "a.py").write_text("x = 2\n")
    assert kept.training_key(Job("digits", "binary")) != first


def samples_of(seed):
    import numpy as np

    from sim.bench.results.data import Samples
    x = np.arange(12).reshape(3, 4) + seed
    return Samples(x, x[:, 0], x, x[:, 0])


def test_the_page_has_means_deviations_rates_and_what_is_missing():
    right = count(90)
    known = {Job("digits", scheme, seed).name: {"right": next(right), "of": 100}
             for scheme in ("float", "ternary") for seed in (0, 1, 2)}
    known[Job("digits", "ternary", board="icebreaker").name] = PLACED
    text = page(known)
    assert "| float | 90.00, 91.00, 92.00 | 91.00 ± 1.00 | - |" in text
    assert "| `ternary` | 93.00, 94.00, 95.00 | 94.00 ± 1.00 | +3.00 |" in text
    assert ("| `ternary` | 94.00 ± 1.00 | 900 | 400 | 8 | 0 | 40.0 | 1000 | 40,000 | 1.25 | "
            "63 of 64 |") in text
    assert f"7 of {len(jobs())} rows are there" in text
    assert f"7 of {len(jobs())}" not in page({job.name: {**PLACED, "of": 100} for job in jobs()})
    drawn = picture(panels(known), len(PLACED_ON))
    assert "digits, icebreaker" in drawn
    assert ">ternary</text>" in drawn


def test_every_published_figure_names_its_source():
    for figures in PUBLISHED.values():
        for figure in figures:
            assert figure.source
            assert figure.accuracy
            assert figure.read


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torch") is None
                    or importlib.util.find_spec("sklearn") is None, reason="the extra `train`")
def test_digits_are_trained_and_exported(tmp_path, monkeypatch):
    from sim.bench.results import training
    monkeypatch.setattr(training, "STEPS", 60)
    monkeypatch.setattr(training, "TUNED", 40)
    found = training.trained(TASKS["digits"], samples("digits"), 0, "ternary", tmp_path / "net")
    assert found["of"] == 540
    assert found["right"] > 270
    assert (tmp_path / "net" / "model.toml").exists()
