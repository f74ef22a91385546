"""Schemes x chips x folds: the space of a network's hardware, as far as one cares to look."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from ..report.rows import Exploration
from ..tools.files import check_folder, write_folder
from .points import Options
from .sweep import How, as_csv, split_schemes, sweep

__all__ = ["explore"]

RECORD, WHAT = "explore.json", "exploration"


def explore(model: str | Path, targets: Sequence[str], schemes: str = "all", *,
            mixes: Sequence[str] = (), cycles: Sequence[int] = (),
            choices: Sequence[Options] = (), output: str | Path | None = None,
            **how: Unpack[How]) -> Exploration:
    """A row for each scheme on each target in each fold: an inference every so many ``cycles``, and
    each of ``choices``, which are options of ``estimate`` and ``synth``.

    The rest is as in ``compare``; the Pareto front of each target is of accuracy against LUTs and
    cycles.
    """
    if output is not None:
        check_folder(Path(output), WHAT)
    folds: list[Options] = [*(Options(cycles=n) for n in cycles), *choices]
    found = sweep(model, [*split_schemes(schemes), *mixes], targets, folds or [{}],
                  ["luts", "cycles"], **how)
    known = Exploration(**vars(found), targets=tuple(targets))
    if output is not None:
        write_folder(Path(output), _files(known), WHAT)
    return known


def _files(known: Exploration) -> dict[str, str | bytes]:
    from ..report import pictures
    title = f"{known.name}, {'synthesized' if known.synth else 'estimated'}"
    return {RECORD: json.dumps(known.json(), indent=2) + "\n", "explore.csv": as_csv(known.rows),
            **pictures.files("tradeoff", pictures.tradeoff(known.rows, title))}
