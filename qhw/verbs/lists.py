"""Lists of the choices, and a scheme by its name."""

from collections.abc import Mapping
from pathlib import Path

from ..errors import ModelError
from ..loaders import shipped
from ..schemes import Scheme, make, parse, schemes
from ..targets import Target, targets
from ..targets.boards import Board, boards
from ..tools.typed import Json

__all__ = ["list_boards", "list_models", "list_schemes", "list_targets", "scheme"]


def list_schemes() -> Mapping[str, type[Scheme]]:
    """Lists the weight formats: classes by name.

    >>> "ternary" in qhw.list_schemes()
    True
    """
    return schemes


def list_targets() -> tuple[Target, ...]:
    """Lists the chips, with the number of each of their resources.

    >>> {chip.name: chip.luts for chip in qhw.list_targets()}["ice40up5k"]
    5280
    """
    return targets()


def list_boards() -> tuple[Board, ...]:
    """Lists the boards, with chip, oscillator in MHz and link.

    >>> {board.name: board.clock_mhz for board in qhw.list_boards()}["icebreaker"]
    12
    """
    return boards()


def list_models() -> Mapping[str, Path]:
    """Lists the networks that ship with qhw: folders by name.

    >>> "digits-ternary" in qhw.list_models()
    True
    """
    return shipped()


def scheme(text: str, **options: Json) -> Scheme:
    """Makes a scheme from its name and parameters, or from a text such as ``fixed:bits=4``.

    ModelError if there is no such scheme or parameter, or a parameter is out of range.

    >>> qhw.scheme("fixed", bits=4) == qhw.scheme("fixed:bits=4")
    True
    """
    try:
        return make(text, options) if options else parse(text)
    except (ValueError, TypeError) as e:
        raise ModelError(str(e)) from None
