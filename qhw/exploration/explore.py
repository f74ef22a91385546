"""Schemes x chips x folds: the design space of one network, as a table."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from ..quantization.texts import AnySchemes, Mix, mixed, texts
from ..report.rows import Exploration
from ..tools.files import check_folder, write_folder
from .points import Options
from .sweep import How, as_csv, sweep

__all__ = ["explore"]

RECORD, WHAT = "explore.json", "exploration"


def explore(model: str | Path, targets: str | Sequence[str], schemes: AnySchemes = "all", *,
            mixes: Sequence[Mix] = (), cycles: Sequence[int] = (),
            choices: Sequence[Options] = (), output: str | Path | None = None,
            **how: Unpack[How]) -> Exploration:
    """Explores schemes, targets and folds of one network: one row a design.

    Each target has a Pareto front of accuracy, LUTs and cycles.

    Parameters
    ----------
    model : path or name of the network
    targets : names of the chips; a text has commas between them
    schemes : scheme objects, or a text such as ``binary,shiftcnn:terms=2``; ``all``
    mixes : schemes by layer, each a mapping or a text such as ``fc1=inq,fc2=binary``
    cycles : cycles between two inferences, one design each
    choices : further options of ``estimate`` and ``synth``, one design each
    output : folder to write tables and pictures to
    how : options of the sweep, such as jobs and cluster

    Raises
    ------
    QhwError : if no design can be made, or if ``output`` is not a folder of an exploration

    Examples
    --------
    >>> qhw.explore("digits-float", "ice40up5k,ecp5-25k", "binary",     # doctest: +SKIP
    ...             cycles=[64, 256]).rows[0].pareto
    True
    """
    if output is not None:
        check_folder(Path(output), WHAT)
    folds: list[Options] = [*(Options(cycles=n) for n in cycles), *choices]
    targets = targets.split(",") if isinstance(targets, str) else targets
    found = sweep(model, [*texts(schemes), *map(mixed, mixes)], targets, folds or [{}],
                  ["luts", "cycles"], **how)
    known = Exploration(**vars(found), targets=tuple(targets))
    if output is not None:
        write_folder(Path(output), _files(known), WHAT)
    return known


def _files(known: Exploration) -> dict[str, str | bytes]:
    """All that is written; what draws is loaded only here."""
    from ..report import pictures
    from ..report.comparison import comparison_html
    title = f"{known.name}, {'synthesized' if known.synth else 'estimated'}"
    return {RECORD: json.dumps(known.json(), indent=2) + "\n", "explore.csv": as_csv(known.rows),
            "explore.html": comparison_html(known),
            **pictures.files("cost", pictures.costs(known.rows, title)),
            **pictures.files("tradeoff", pictures.tradeoff(known.rows, title))}
