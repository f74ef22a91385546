"""An exact model of streams: in which cycle every beat of a network moves."""

from .net import Channel, Net, Played

__all__ = ["Channel", "Net", "Played"]
