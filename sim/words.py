"""What a bench is told on its command line."""

import argparse
from collections.abc import Collection

__all__ = ["words"]


def words(doc: str | None, default: Collection[str] = (), known: Collection[str] = ()) -> list[str]:
    """Returns the command line's words, or the ``default`` if there are none.

    ``--help`` prints ``doc``, the module's docstring. A word that is not ``known`` ends the program
    with one line; without ``known``, any word will do.
    """
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    given: list[str] = parser.parse_args().words
    if known and (unknown := [word for word in given if word not in known]):
        parser.error(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return given or list(default)
