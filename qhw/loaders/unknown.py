"""Guesses the kind of a file that no format recognizes from its first bytes."""

__all__ = ["called"]

BEGINNINGS = (
    (0, b"PK\3\4", "a zip archive, such as PyTorch and Keras write"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, such as Keras writes"),
    (0, b"\x80\x02", "a Python pickle"), (0, b"\x80\x03", "a Python pickle"),
    (0, b"\x80\x04", "a Python pickle"), (0, b"\x80\x05", "a Python pickle"),
    (0, b"\x93NUMPY", "a numpy array"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\x7fELF", "a program"),
)
"""Offset, bytes, and the kind of file that they identify."""


def called(head: bytes, *, text: bool) -> str:
    """Names the kind of a file from its first bytes; "" if it is unknown.

    ``text`` tells whether plain text counts as a kind."""
    for offset, bytes_, what in BEGINNINGS:
        if head[offset:].startswith(bytes_):
            return what
    if not head:
        return "an empty file"
    printable = all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
    return "a text file" if text and printable else ""
