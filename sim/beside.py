"""Data of others that may lie beside the project, and that no bench needs."""

from functools import cache
from pathlib import Path

__all__ = ["SHARED", "there"]

SHARED = Path(__file__).parents[2] / "shared"


@cache
def there(folder: str, without: str) -> bool:
    """Whether ``../shared/FOLDER`` is there; if not, one line says what is left out ``without``."""
    if (SHARED / folder).is_dir():
        return True
    print(f"../shared/{folder} is not beside the project: without {without}", flush=True)
    return False
