"""Streams: buffers, queues, forks and joins, changes of width and order, line buffers."""
