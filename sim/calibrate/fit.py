"""Fits the estimator's prices to the samples of ``sim.calibrate.sweep``: ``make calibrate``.

    python -m sim.calibrate.fit [--check]

Three networks in ten, chosen by a seed before anything was fitted, are held out and never used
here; ``sim.calibrate.accuracy`` measures the error on those. Prices make the relative errors small,
and none is negative: first one price a part for all units, then a unit kind's own where its samples
ask for them.
"""

import argparse
import json
import sys
from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import lsq_linear

from qhw.design.top import stages
from qhw.estimator import TOP, kind
from qhw.estimator.chip import Chip
from qhw.estimator.parts import EXACT
from qhw.estimator.prices import FILE, KINDS
from qhw.hw.fabric import LONGEST, PATHS, READS, STAGED
from qhw.lower import lower
from qhw.targets import target, targets

from .networks import network
from .sweep import FOLDER, known

HELD_OUT, SEED, NUMBERS = 0.3, 2026, 400
ROUNDS, EXPECTED = 6, 0.02
SMALL = 8
"""LUTs by which a unit's error is relative at least."""
COUNTED = {"lut": 1, "alu": 1, "compared": 1, "rom2": 1, "rom3": 1, "rom4": 1,
           "distributed.cell": 4, "ff": 0, "ff.sum": 0, "ff.operand": 0}
"""LUTs of parts that are nearly known, but for what packing and merging make of them."""
GUESSED = {"rom5": 2.5, "rom6": 5, "rom7": 11, "rom8": 22, "replay": 10, "argmax": 5, "matvec": 3,
           "window": 10, "combine": 5, "requant": 2, "chain": 0, "constant": 0,
           "absorbed": 0, "block": 2, "block.bit": 0, "blocks": 0, "block.deep": 0}
"""LUTs of other parts where no sample tells more; of those not named, one."""
PULLS = {True: 0.3, False: 0.05}
"""How strongly prices are drawn to what is counted or guessed, relative to what the samples say."""
UNIT_PULLS = {True: 0.6, False: 0.4}
"""How strongly a unit kind's prices are drawn to those of all units."""
ENOUGH = 8
"""Samples of a kind beyond which they are drawn less and less, by the root of how many more. Of 1,
3, 8, 20 and no such number, this one gave the least error where a quarter of the fit's networks was
predicted from the others."""

Row = tuple[str, dict[str, float], list[float], int]
"""A unit's kind, its parts, what was measured, and its network."""


def held_out() -> set[int]:
    """Numbers of networks that no fit sees."""
    numbers = np.random.default_rng(SEED).permutation(NUMBERS)
    return set(numbers[:int(HELD_OUT * NUMBERS)].tolist())


@cache
def rows(name: str) -> list[Row]:
    """Every unit of every sample of a target."""
    chip, found = Chip(target(name)), list[Row]()
    for k, line in sorted(known(name).items()):
        graph = lower(network(k, line["attempt"]))
        units = stages(graph)
        for unit in units:
            found.append((kind(unit), dict(chip.made_of(unit.unit())), line["units"][unit.name], k))
        beats = units[-1].y.size // units[-1].o_lanes
        found.append((TOP, chip.counter(beats), line["units"][""], k))
    return found


def fitted(amounts: np.ndarray, measured: np.ndarray, before: np.ndarray, pull: np.ndarray
           ) -> np.ndarray:
    """Prices, none negative, that give what was measured, each pulled to what it was before.

    Relative errors count by their size, not by their square: what synthesis happens to remove from
    one network must not change the price for all.
    """
    found, trust = before, np.ones(len(measured))
    for _ in range(ROUNDS):
        weight = trust / (measured + SMALL)
        scaled = amounts * weight[:, None]
        strength = pull * (np.sqrt(np.square(scaled).sum(0)) + 0.1)
        found = lsq_linear(np.concatenate([scaled, np.diag(strength)]),
                           np.concatenate([measured * weight, strength * before]),
                           bounds=(0, np.inf)).x
        error = np.abs(amounts @ found - measured) / (measured + SMALL)
        trust = np.sqrt(EXPECTED / np.maximum(error, EXPECTED))
    return found


def table(chosen: list[Row], column: int, which: str, name: str) -> dict[str, float]:
    """Prices of one kind of cost on a target; a column of weights that are logic is a cell where
    adders are written in cells."""
    names = sorted({n for _, p, _, _ in chosen for n in p} - {*EXACT, *PATHS, READS, STAGED})
    if which == "ffs":
        names = [n for n in names if n.startswith("ff")]
    amounts = np.array([[p.get(n, 0.0) for n in names] for _, p, _, _ in chosen])
    measured = np.array([m[column] for _, _, m, _ in chosen])
    known, guessed = _before(name, which, names)
    start = np.array([known.get(n, guessed.get(n, which == "luts")) for n in names], float)
    common = fitted(amounts, measured, start, np.array([PULLS[n in known] for n in names]))
    found = dict(zip(names, common.tolist(), strict=True))
    by_kind = defaultdict[str, list[int]](list)
    for index, (unit, _, _, _) in enumerate(chosen):
        by_kind[unit].append(index)
    for unit, indices in by_kind.items():
        used = np.flatnonzero(amounts[indices].any(0))
        less = min(1, (ENOUGH / len(indices)) ** 0.5)
        own = fitted(amounts[np.ix_(indices, used)], measured[indices], common[used],
                     np.array([less * UNIT_PULLS[names[j] in known] for j in used]))
        found |= {f"{unit}/{names[j]}": float(v) for j, v in zip(used, own, strict=True)}
    if which != "ffs":
        found["column"] = 1.0 if target(name).family.adders.writer else found["alu"]
    return {n: round(v, 4) for n, v in found.items()}


def _before(name: str, which: str, names: list[str]
            ) -> tuple[dict[str, float], dict[str, float]]:
    """Prices that are nearly known, and those that are guessed, before there are samples."""
    family = target(name).family
    if which == "luts":
        cell = {"ff.lone": 1, "ff.dsp": 1, "chain": 1} if family.cells else {
            "ff.lone": 0, "ff.dsp": 0}
        if not family.absorbs:
            cell["alu.one"] = 1
        return {**COUNTED, **cell}, GUESSED
    if which == "carries":
        return {"alu": 1, "alu.one": 1, "alu.again": 1, "lut": 0}, {}
    inside = ("ff.dsp", "ff.sum", "ff.operand") if family.dsp and family.dsp.adds else ()
    return {n: 1 for n in names if n not in inside}, dict.fromkeys(inside, 0.3)


def spread(chosen: list[Row], prices: dict[str, dict[str, float]]) -> dict[str, float]:
    """Relative standard deviation of a unit's LUTs, by its kind."""
    errors = defaultdict[str, list[float]](list)
    for unit, p, measured, _ in chosen:
        luts = sum(prices["luts"].get(f"{unit}/{n}", prices["luts"].get(n, 0)) * v
                   for n, v in p.items())
        error = (luts - measured[0]) / max(measured[0], 20)
        errors[unit].append(error)
        errors[""].append(error)
    return {unit: round(float(np.sqrt(np.mean(np.square(e)))), 4) for unit, e in errors.items()
            if len(e) > 4 or not unit}


def ways(chosen: list[Row]) -> dict[str, tuple[float, float]]:
    """The longest way of a unit by its kind: its begin, and a factor for what was mapped."""
    by_kind = defaultdict[str, list[tuple[float, float]]](list)
    for unit, p, measured, _ in chosen:
        by_kind[unit].append((p.get(LONGEST, 0.0), measured[5]))
        by_kind[""].append(by_kind[unit][-1])
    found = dict[str, tuple[float, float]]()
    for unit, pairs in by_kind.items():
        x, y = np.array(pairs).T
        a = np.stack([np.ones(len(x)), x], 1)
        pull = np.diag([0.1, 1.0])
        begin, slope = lsq_linear(np.concatenate([a, pull]), [*y, 0.1 * y.mean(), 1.0],
                                  bounds=(0, np.inf)).x
        found[unit] = round(float(begin), 3), round(float(slope), 3)
    return found


def fit(name: str) -> dict[str, Any]:
    away = held_out()
    alike = [t.name for t in targets() if t.samples and t.family.name == target(name).family.like]
    chosen = [row for of in (name, *alike) for row in rows(of) if row[3] not in away]
    prices = {which: table(chosen, column, which, name) for column, which in enumerate(KINDS)}
    tools = sorted({line["tool"] for line in known(name).values()})
    return {"tool": ", ".join(tools), "networks": len({row[3] for row in chosen}),
            "units": len(chosen), "prices": prices, "spread": spread(chosen, prices),
            "ways": ways(chosen)}


def main(check: bool) -> None:
    found = json.loads(FILE.read_text()) if FILE.exists() else {}
    for path in sorted(FOLDER.glob("*.jsonl")):
        if known(path.stem):
            found[target(path.stem).family.name] = fit(path.stem)
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if check:
        sys.exit(0 if FILE.read_text() == text else f"{FILE} is not what the samples give")
    FILE.write_text(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    main(parser.parse_args().check)
