"""Networks trained with many schemes, built for three boards: docs/results/networks.md.

    python -m sim.bench.results [--only WORD ...] [--page]

Each row is kept in docs/results/data as soon as it exists, so a run that is ended continues. The
words after --only are tasks, schemes, boards and seeds (digits ternary icebreaker seed0): of each
kind that is named, other rows are left out. --page writes the page from the rows that are there.
Trained networks are in build/results. A task whose samples are not beside the project is left out.
"""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from qhw.errors import ModelError
from qhw.synthesis.place import flow
from qhw.targets.boards import place
from qhw.tools.files import write_whole
from qhw.tools.programs import needed, version, yosys_version
from qhw.tools.store import fingerprint, source

from ...pages import DATA, DOCS
from .data import TASKS, samples
from .hardware import Built, row
from .page import PICTURE, page, panels
from .picture import picture
from .rows import PLACED_ON, Job, Rows, chosen, jobs, training_key

RESULTS = DATA / "networks.json"
PAGE = DOCS / "results" / "networks.md"
NETWORKS = Path("build/results")
KEYS = ("key", "trained", "code", "tools", "design")
"""What a row depends on, by name."""


def marked(job: Job, key: str) -> str:
    """A name for an exported network's files and the key of its training."""
    folder = NETWORKS / job.folder
    return fingerprint(key, [path.read_bytes() for name in ("model.toml", "weights.npz")
                             if (path := folder / name).exists()])


def train(job: Job, rows: Rows) -> None:
    """Makes the row of a training, and its network in build/."""
    from .training import trained  # PyTorch, which kept rows do not need
    data, key, folder = samples(job.task), training_key(job), NETWORKS / job.folder
    assert data is not None
    folder.parent.mkdir(parents=True, exist_ok=True)
    found = trained(TASKS[job.task], data, job.seed, job.scheme, folder)
    folder.with_suffix(".key").write_text(marked(job, key))
    rows.put(job, {**found, "key": key})


def build(job: Job, rows: Rows) -> None:
    """Makes the row of a board, or keeps it if place and route would be given the same again."""
    assert job.board
    data, key, marker = samples(job.task), keys(job), NETWORKS / f"{job.folder}.key"
    assert data is not None
    if not marker.exists() or marker.read_text() != marked(job.trained, key["trained"]):
        train(job.trained, rows)
    try:
        built = Built(NETWORKS / job.folder, job.board, TASKS[job.task].cycles, data)
        same = {"tools": key["tools"], "design": built.design}
        found = (rows.get(job, **same) or row(built)) | same | built.counted
    except ModelError as e:
        found = {"refused": str(e)}
    rows.put(job, {**found, **key})


def keys(job: Job) -> dict[str, str]:
    """The names of everything that a row depends on, by its name in the row."""
    if job.board is None:
        return {"key": training_key(job)}
    chip = place(None, job.board).chip
    assert chip
    router = version(needed(flow(chip.family).nextpnr), "--version")
    return {"trained": training_key(job.trained), "code": source(),
            "tools": f"{yosys_version()}, {router}"}


def publish(rows: Rows) -> None:
    """Writes the page and the picture."""
    known = rows.all()
    if drawn := panels(known):
        text = picture(drawn, len(PLACED_ON))
        write_whole(PAGE.with_name(PICTURE), lambda file: file.write(text.encode()))
    write_whole(PAGE, lambda file: file.write(page(known).encode()))


def measure(every: Iterable[Job], rows: Rows) -> None:
    """Makes the rows that are missing or depend on something that has changed."""
    every = list(every)
    for name in {job.task: None for job in every}:
        if samples(name) is None:
            print(f"{name}: {TASKS[name].path} is not there: left out", flush=True)
    there = [job for job in every if samples(job.task) is not None]
    for k, job in enumerate(there, 1):
        if rows.get(job, **keys(job)):
            continue
        begin = time.perf_counter()
        (build if job.board else train)(job, rows)
        said = rows.all()[job.name]
        shown = {name: value for name, value in said.items() if name not in KEYS}
        print(f"{k} of {len(there)}: {job.name}, {time.perf_counter() - begin:.0f} s: {shown}",
              flush=True)
        if job.board:
            publish(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="WORD", default=[])
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    rows = Rows(RESULTS)
    try:
        every = chosen(jobs(), given.only)
    except ValueError as e:
        parser.error(str(e))
    if not given.page:
        measure(every, rows)
    publish(rows)


if __name__ == "__main__":
    main()
