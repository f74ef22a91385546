"""Errors that are not bugs: each is one line that names file, place and value."""

__all__ = ["ModelError", "QhwError", "ToolError"]


class QhwError(Exception):
    """An error that the user can correct; the command line prints it and exits with status 1."""

    def __str__(self) -> str:
        """Returns the error as one printable line, whatever names it contains."""
        line = " ".join(super().__str__().split())
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class ModelError(QhwError):
    """A network, its weights or its input is invalid."""


class ToolError(QhwError):
    """An outside tool is missing or failed."""
