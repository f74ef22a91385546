"""Which tests run: all of them, those of ``make test`` (``-m "not slow"``), or those of a gate.

``@pytest.mark.slow`` is for what costs much and holds what a cheaper test holds too.
``@pytest.mark.slow(but=2)`` leaves two of the test's cases to ``make test``, others each day.
"""

import os
from collections import defaultdict
from hashlib import sha256

import pytest

from .seeds import today

TENTHS = 10


def pytest_addoption(parser):
    parser.addoption("--tenth", action="store_true", help="of slow tests, run today's tenth alone")


def pytest_configure(config):
    """All workers of a run draw the same day, also across midnight."""
    os.environ["QHW_SEED"] = str(today())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in spared(items, today()):
        item.own_markers = [mark for mark in item.own_markers if mark.name != "slow"]
    if config.getoption("tenth"):
        left = [item for item in items
                if item.get_closest_marker("slow") and tenth(item.nodeid) != today() % TENTHS]
        config.hook.pytest_deselected(items=left)
        out = set(map(id, left))
        items[:] = [item for item in items if id(item) not in out]


def spared(items, day):
    """The cases of ``slow(but=...)`` tests that ``make test`` runs on a day: the next ones each
    day, in an order that mixes the parameters, so that all get their turn."""
    cases = defaultdict(list)
    for item in items:
        if (mark := item.get_closest_marker("slow")) and mark.kwargs.get("but"):
            cases[item.function.__module__, item.function.__qualname__].append(
                (item, mark.kwargs["but"]))
    for found in cases.values():
        found.sort(key=lambda case: digest(case[0].nodeid))
        count = min(found[0][1], len(found))
        yield from (found[(day * count + k) % len(found)][0] for k in range(count))


def tenth(name):
    """The day of ten, by its number, on which a gate runs the slow test of this name."""
    return digest(name) % TENTHS


def digest(name):
    return int(sha256(name.encode()).hexdigest(), 16)
