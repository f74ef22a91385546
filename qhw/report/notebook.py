"""Pages inside a notebook's cell."""

from html import escape
from importlib import import_module

__all__ = ["framed"]

PIXELS = 720
"""Height of the frame; the page scrolls in it."""


def framed(page: str, known: object) -> str:
    """Makes a frame with the page of a record, as HTML for ``_repr_html_``.

    The page is made by a module above the record's own, which is therefore found by name.

    Parameters
    ----------
    page : module of this package and function, such as ``report:report_html``
    known : the record
    """
    module, _, function = page.partition(":")
    made = getattr(import_module(f".{module}", __package__), function)(known)
    return (f'<iframe srcdoc="{escape(made)}" width="100%" height="{PIXELS}" '
            f'style="border:0" sandbox=""></iframe>')
