"""The command line: ``qhw --help``. One file a group of commands."""

from . import compare, doctor, hardware, inference, lists, networks, new, run
from .app import app, main

__all__ = ["app", "compare", "doctor", "hardware", "inference", "lists", "main", "networks", "new",
           "run"]
