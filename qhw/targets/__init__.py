"""The chips that qhw builds for, and what their families' cells cost and take."""

from .target import Style, Target, target, targets

__all__ = ["Style", "Target", "target", "targets"]
