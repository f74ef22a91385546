"""An exact model of streams: the cycle in which each beat of a network moves."""

from .net import Channel, Net
from .played import Played
from .times import just_in_time, paced

__all__ = ["Channel", "Net", "Played", "just_in_time", "paced"]
