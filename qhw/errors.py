"""What can be wrong that is not a bug: each error is one line that names file, place and value."""

__all__ = ["ModelError", "QhwError", "ToolError"]


class QhwError(Exception):
    """Something the user can mend; the command line prints it and exits 1."""

    def __str__(self) -> str:
        """One line that a terminal can show, whatever names are in it."""
        line = " ".join(super().__str__().split())
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class ModelError(QhwError):
    """A network, its weights or its input is not what it must be."""


class ToolError(QhwError):
    """An outside tool is missing or failed."""
