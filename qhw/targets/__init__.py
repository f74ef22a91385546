"""The chips that qhw builds for: one file a family, with all that is decided by the family."""

from .family import Family, Style
from .target import Target, families, family, in_gates, target, targets

__all__ = ["Family", "Style", "Target", "families", "family", "in_gates", "target", "targets"]
