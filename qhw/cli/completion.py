"""Names that a shell completes: members of catalogues that begin with the typed letters."""

from collections.abc import Iterable

__all__ = ["boards", "models", "schemes", "targets"]


def _beginning(names: Iterable[str], typed: str) -> list[str]:
    return sorted(name for name in names if name.startswith(typed))


def boards(incomplete: str) -> list[str]:
    """Lists the boards whose names begin with ``incomplete``."""
    from ..targets.boards import boards as known
    return _beginning((board.name for board in known()), incomplete)


def targets(incomplete: str) -> list[str]:
    """Lists the chips whose names begin with ``incomplete``."""
    from ..targets import targets as known
    return _beginning((target.name for target in known()), incomplete)


def schemes(incomplete: str) -> list[str]:
    """Lists the schemes whose names begin with ``incomplete``."""
    from ..schemes import schemes as known
    return _beginning(known, incomplete)


def models(incomplete: str) -> list[str]:
    """Lists the shipped models whose names begin with ``incomplete``; shells add files."""
    from ..loaders import shipped
    return _beginning(shipped(), incomplete)
