"""Comparison of schemes on one network and chip: accuracy against cost."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from ..quantization.texts import AnySchemes, Mix, mixed, texts
from ..report.rows import Comparison, Row
from ..targets.boards import place
from ..tools.files import check_folder, write_folder
from .points import Options
from .sweep import How, as_csv, sweep

__all__ = ["compare"]

RECORD, WHAT = "compare.json", "comparison"


def compare(model: str | Path, target: str | None = None, schemes: AnySchemes = "all", *,
            mixes: Sequence[Mix] = (), options: Options | None = None,
            output: str | Path | None = None, **how: Unpack[How]) -> Comparison:
    """Compares schemes on one network and chip: one row a scheme, the best first.

    A row has accuracy, cost, and whether it is on the Pareto front of accuracy against LUTs.

    Parameters
    ----------
    model : path or name of the network
    target : the chip
    schemes : scheme objects, or a text such as ``binary,shiftcnn:terms=2``; ``all``
    mixes : schemes by layer, each a mapping or a text such as ``fc1=inq,fc2=binary``
    options : options of ``estimate`` and ``synth``: board, goal, folds, cycles
    output : folder to write tables and pictures to
    how : options of the sweep, such as jobs and cluster

    Raises
    ------
    QhwError : if no scheme can be built, or if ``output`` is not a folder of a comparison

    Examples
    --------
    >>> few = [qhw.scheme("binary"), qhw.scheme("fixed", bits=3)]
    >>> found = qhw.compare("digits-float", "ice40up5k", few, limit=100)
    >>> found.rows[0].scheme, found.row("binary").bits_per_weight < 2
    ('fixed:bits=3', True)
    """
    if output is not None:
        check_folder(Path(output), WHAT)
    options = options or {}
    chip = place(target, options.get("board")).needed.name
    found = sweep(model, [*texts(schemes), *map(mixed, mixes)], [chip], [options], ["luts"], **how)
    found = replace(found, rows=tuple(sorted(found.rows, key=_order)))
    known = Comparison(**vars(found), target=chip)
    if output is not None:
        write_folder(Path(output), _files(known), WHAT)
    return known


def _order(row: Row) -> tuple[bool, float, int]:
    """The best first, and what cannot be last."""
    return (True, 0.0, 0) if row.error else (False, row.loss, row.size)


def _files(known: Comparison) -> dict[str, str | bytes]:
    """All that is written; what draws is loaded only here."""
    from ..report import pictures
    from ..report.comparison import comparison_html
    title = f"{known.name} on {known.target}, {'synthesized' if known.synth else 'estimated'}"
    return {RECORD: json.dumps(known.json(), indent=2) + "\n",
            "compare.csv": as_csv(known.rows),
            "compare.html": comparison_html(known),
            **pictures.files("accuracy", pictures.accuracy(known.rows, title)),
            **pictures.files("cost", pictures.costs(known.rows, title))}
