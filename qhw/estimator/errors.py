"""Errors of estimates against synthesis, as last measured: ``errors.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..tools.typed import Known, read
from .prices import ERRORS

__all__ = ["ErrorReport", "Exact", "Spread", "TargetErrors", "error_report"]


@dataclass(frozen=True)
class Spread:
    """Relative errors: their median and their 95th percentile."""

    median: float
    p95: float


@dataclass(frozen=True)
class Exact:
    """Number of networks whose estimated count equals the synthesized count."""

    exact: int


@dataclass(frozen=True)
class TargetErrors:
    """Errors on one target: for each kind of resource, and for the clock period (``ns``)."""

    luts: Spread
    ffs: Spread
    ns: Spread
    brams: Exact
    dsps: Exact


@dataclass(frozen=True, eq=False)
class ErrorReport(Known):
    """Errors on networks to which no price was fitted."""

    networks: int
    """Count."""
    targets: Mapping[str, TargetErrors]


def error_report() -> ErrorReport:
    """Reads the errors that ship with this version's prices."""
    return read(ErrorReport, json.loads(ERRORS.read_text(encoding="utf-8")))
