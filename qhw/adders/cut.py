"""Cuts an adder network into stages with registers between them."""

import numpy as np

from .network import Network
from .order import NONE

__all__ = ["cut"]


def cut(network: Network, stages: int) -> list[Network]:
    """Cuts a network into ``stages`` networks of about equal depth, in sequence.

    The outputs of each network, with their own bits, are the inputs of the next.
    """
    stage = np.minimum(network.levels * stages // (network.depth + 1), stages - 1)
    found, sources = list[Network](), list(range(network.inputs))
    for k in range(stages):
        last = k == stages - 1
        wanted = network.outputs[:, 0].tolist() if last else _needed(network, stage, k)
        found.append(_part(network, stage, k, sources, wanted, last))
        sources = wanted
    return found


def _needed(network: Network, stage: np.ndarray, k: int) -> list[int]:
    """Nodes up to a stage that later ones use; constants are everywhere."""
    later = np.flatnonzero(stage[network.first:] > k) + network.first
    used = set(network.nodes[later, :2].ravel().tolist()) | set(network.outputs[:, 0].tolist())
    constants = range(network.inputs, network.first)
    return sorted(n for n in used if n != NONE and n not in constants and stage[n] <= k)


def _part(network: Network, stage: np.ndarray, k: int, sources: list[int], wanted: list[int],
          last: bool) -> Network:
    """Makes one stage: its inputs, the constants, and the nodes computed in it."""
    constants = list(range(network.inputs, network.first))
    made = [n for n in range(network.first, len(network.nodes)) if stage[n] == k]
    kept = [*sources, *constants, *made]
    place = {n: at for at, n in enumerate(kept)} | {NONE: NONE}
    begin = len(sources) + len(constants)
    nodes = network.nodes[kept].copy()
    nodes[:begin] = NONE
    support = np.zeros(len(kept), np.int64)
    support[:len(sources)] = np.minimum(network.widths[sources], network.table + 1)
    levels = np.zeros(len(kept), np.int64)
    for at in range(begin, len(kept)):
        low, high = (place[n] for n in network.nodes[kept[at], :2].tolist())
        nodes[at, :2] = low, high
        support[at] = min(support[low] + support[high], network.table + 1)
        levels[at] = 1 if support[at] <= network.table else max(levels[low], levels[high]) + 1
    shifts = network.outputs[:, 1].tolist() if last else [0] * len(wanted)
    outputs = np.array([(place[n], shift) for n, shift in zip(wanted, shifts, strict=True)],
                       np.int64).reshape(-1, 2)
    return Network(len(sources), nodes, network.lo[kept], network.hi[kept], levels, support,
                   outputs, network.flips[kept], network.table, network.signs and last)
