"""An exact model of streams: the cycle in which each beat of a network moves."""

from .net import Channel, Net, Played

__all__ = ["Channel", "Net", "Played"]
