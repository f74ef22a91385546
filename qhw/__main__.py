"""``python -m qhw``."""

from .cli import main

main()
