"""How far estimates are from synthesis, as it was last measured: ``errors.json``."""

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
    """Networks whose count is exact."""

    exact: int


@dataclass(frozen=True)
class TargetErrors:
    """Errors on one target, by kind of resource, and of the clock's period."""

    luts: Spread
    ffs: Spread
    ns: Spread
    brams: Exact
    dsps: Exact


@dataclass(frozen=True, eq=False)
class ErrorReport(Known):
    """Errors on networks that no price was fitted to."""

    networks: int
    """Count."""
    targets: Mapping[str, TargetErrors]


def error_report() -> ErrorReport:
    """The errors that come with this version's prices."""
    return read(ErrorReport, json.loads(ERRORS.read_text(encoding="utf-8")))
