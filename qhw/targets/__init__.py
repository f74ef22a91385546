"""The chips that qhw builds for: one file for each family, with everything that depends on it."""

from .family import Family, Style
from .target import Target, families, family, in_gates, target, targets

__all__ = ["Family", "Style", "Target", "families", "family", "in_gates", "target", "targets"]
