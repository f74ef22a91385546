"""Streams: buffers, queues, changes of width and order, line buffers."""
