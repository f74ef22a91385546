"""Ctrl-C for processes that tests start."""

import signal


def heard() -> None:
    """In a child before it starts: what a shell runs in the background ignores Ctrl-C, and with it
    all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
