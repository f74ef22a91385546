"""The text of docs/results/networks.md, from the rows that are there."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from .data import LEFT_OUT, TASKS
from .hardware import SAMPLES
from .picture import Panel
from .published import PUBLISHED, Figure
from .rows import PLACED_ON, SCHEMES, SEEDS, Job, jobs

__all__ = ["COMMAND", "PICTURE", "page", "panels"]

Known = Mapping[str, dict[str, Any]]
COMMAND, PICTURE = "make results", "networks.svg"
INTRO = f"""\
# Networks on boards

Small networks with {len(SCHEMES)} weight schemes, trained the same way, folded to the same
pace, and placed and routed on three boards with open tools. `{COMMAND}` trains, builds, and
writes this page with its picture from `data/networks.json`; it keeps every row as soon as it
exists, continues where it was ended, and makes a row again only if something that the row
depends on has changed. `python -m sim.bench.results --only digits ternary icebreaker` makes
some of the rows.

- **Training.** For each seed ({", ".join(map(str, SEEDS))}) a float network is trained, and
  from it one for each scheme by `qhw.train.prepare`, towards the classes and the float
  network's scores. All layers have the scheme, the first and the last too; activations have 4
  bits. The settings were chosen once for all schemes; INQ freezes weights in portions, and a
  codebook is fitted anew in every fifth step. The seed changes the training, not the division
  of the samples. The test part takes no part in training or in any choice.
- **Accuracy** is that of the exported integers on the whole test part, as mean and sample
  deviation of the seeds; for every row they were equal to PyTorch's on every test sample and in
  every layer.
- **Hardware** is the first seed's network. The most cycles of an inference are the same for all
  schemes of a task and weights stay in memories, so sizes compare. LUTs (logic cells), block
  RAMs, DSP blocks and Fmax are nextpnr's, of one run with the board's serial link around the
  network; flip-flops are those of synthesis. Inferences/s are Fmax divided by the cycles; the
  link is slower.
- **In hardware** counts right answers of the first {SAMPLES} test samples through the compiled
  Verilog (Verilator), whose integers were the golden's on each.
- **Energy is an estimate and was never measured.** It adds up the operations of an inference,
  with energies for 45 nm CMOS from Horowitz, "Computing's Energy Problem", ISSCC 2014, figure
  1.1.9: an added bit, a product of a bit with a bit, and a bit read from an 8 kbyte memory
  ([estimates](../how/estimates.md)). It compares schemes; an FPGA takes several times as much, and
  clocks, wires and leakage are not in it.
"""


def share(row: Mapping[str, Any]) -> float:
    """Right answers in percent."""
    return 100 * row["right"] / row["of"]


def accuracies(known: Known, task: str, scheme: str) -> list[float]:
    """The accuracy in percent of each seed that is there."""
    names = (Job(task, scheme, seed).name for seed in SEEDS)
    return [share(known[name]) for name in names if name in known]


def spread(values: Sequence[float]) -> str:
    """Mean and sample deviation."""
    if not values:
        return "-"
    return f"{mean(values):.2f}" + (f" ± {stdev(values):.2f}" if len(values) > 1 else "")


def page(known: Known) -> str:
    """The whole page from rows by name."""
    lines = [INTRO, *_missing(known)]
    if panels(known):
        lines += [f"![accuracy against LUTs, a panel for each task and board]({PICTURE})", "",
                  "Mean accuracy of the seeds, with its deviation, against the LUTs of the first "
                  "seed's network.", ""]
    for name, task in TASKS.items():
        if any(row.startswith(f"{name}/") for row in known):
            lines += [f"## {task.title}", "", task.about, "", *_seeds(known, name)]
            for board in PLACED_ON:
                lines += _board(known, name, board)
    return "\n".join([*lines, *_others()]).rstrip() + "\n"


def _missing(known: Known) -> Iterator[str]:
    """What is not measured yet."""
    every = jobs()
    absent = [job for job in every if job.name not in known]
    if absent:
        yield (f"{len(every) - len(absent)} of {len(every)} rows are there. `{COMMAND}` makes the "
               f"others:")
        yield ""
        for task in TASKS:
            kinds = {kind: [j.scheme for j in absent if j.task == task and j.name.endswith(kind)]
                     for kind in (*(f"seed{seed}" for seed in SEEDS), *PLACED_ON)}
            said = [f"{kind} {'all' if len(of) >= len(SCHEMES) else ', '.join(of)}"
                    for kind, of in kinds.items() if of]
            if said:
                yield f"- {task}: {'; '.join(said)}"
        yield ""
    yield "Left out:"
    yield ""
    yield from (f"- {reason}." for reason in LEFT_OUT.values())
    yield ""


def _seeds(known: Known, task: str) -> Iterator[str]:
    """The accuracies of a task, each beside the float network of its seed."""
    tested = {known[job.name]["of"] for job in jobs()
              if job.task == task and job.board is None and job.name in known}
    if tested:
        yield (f"One sample of the test part is {100 / min(tested):.2f} points: smaller "
               f"differences say nothing, and differences of a few samples little.")
        yield ""
    yield (f"| weights | accuracy of seeds {', '.join(map(str, SEEDS))}, % | mean ± deviation, % | "
           f"mean difference to float, points |")
    yield "|---|---|--:|--:|"
    for scheme in ("float", *SCHEMES):
        if values := accuracies(known, task, scheme):
            pairs = [(Job(task, scheme, seed).name, Job(task, "float", seed).name)
                     for seed in SEEDS]
            lost = [share(known[a]) - share(known[b]) for a, b in pairs
                    if a in known and b in known]
            yield (f"| {'float' if scheme == 'float' else f'`{scheme}`'} | "
                   f"{', '.join(f'{v:.2f}' for v in values)} | {spread(values)} | "
                   f"{f'{mean(lost):+.2f}' if lost and scheme != 'float' else '-'} |")
    yield ""


def _board(known: Known, task: str, board: str) -> Iterator[str]:
    """The hardware of a task on a board."""
    rows = [(scheme, known[name]) for scheme in SCHEMES
            if (name := Job(task, scheme, board=board).name) in known]
    if not rows:
        return
    yield f"### {TASKS[task].title} on {board}, at most {TASKS[task].cycles:,} cycles an inference"
    yield ""
    yield ("| weights | accuracy, % | LUTs | flip-flops | block RAMs | DSPs | Fmax, MHz | cycles | "
           "inferences/s | energy, nJ (estimated) | right in hardware |")
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for scheme, row in rows:
        said = spread(accuracies(known, task, scheme))
        if reason := row.get("refused"):
            yield f"| `{scheme}` | {said} | {reason} " + "| " * 8 + "|"
            continue
        rate = row["mhz"] * 1e6 / row["cycles"]
        cells = (row["luts"], row["ffs"], row["brams"], row["dsps"], row["mhz"], row["cycles"],
                 f"{rate:,.0f}", row["energy_nj"], f"{row['right']} of {row['simulated']}")
        yield f"| `{scheme}` | {said} | {' | '.join(map(str, cells))} |"
    yield ""


def panels(known: Known) -> list[Panel]:
    """The points of the picture: tasks and boards that have rows."""
    found: list[Panel] = []
    for task in TASKS:
        for board in PLACED_ON:
            points = []
            for scheme in SCHEMES:
                row = known.get(Job(task, scheme, board=board).name, {})
                values = accuracies(known, task, scheme)
                if "luts" in row and values:
                    points.append((scheme, float(row["luts"]), mean(values),
                                   stdev(values) if len(values) > 1 else 0.0))
            if points:
                found.append((task, board, points))
    return found


OTHERS = """\
## Published figures of others

These networks were trained on whole data sets, and most of them stand on chips that are ten to
a hundred times as large; they are here to know the field, and are no comparison with the tables
above. LUTs of these chips have six inputs, but on ECP5, where they have four as on this page.
"Second-hand" figures were read in another work than the one that is named, and should be looked
up there before they are quoted again.
"""
JETS = """\
Jets: two data sets have this name, OpenML's and CERNBox's, about a point of accuracy apart, and
the table mixes both: LUT networks mostly use CERNBox's, hls4ml OpenML's. Many counts leave out
the encoder of the input."""


def _others() -> Iterator[str]:
    yield OTHERS
    titles = {**{name: task.title for name, task in TASKS.items()},
              "kws": "Spoken words, MLPerf Tiny", "jets": "Jets, 16 features"}
    for task, figures in PUBLISHED.items():
        yield f"### {titles[task]}: others"
        yield ""
        if task == "jets":
            yield f"{JETS}\n"
        yield "| system | chip | accuracy | LUTs | rate | energy or power | source | read |"
        yield "|---|---|---|--:|---|---|---|---|"
        for figure in figures:
            yield _figure(figure)
        yield ""


def _figure(figure: Figure) -> str:
    return f"| {' | '.join(cell or '-' for cell in figure)} |"
