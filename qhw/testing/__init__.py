"""Laws that schemes, layers and boards hold, for pytest: of qhw and of packages that add to it.

A test class inherits from one of them and names its subject; pytest runs the laws."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.schemes", f"{__name__}.boards", f"{__name__}.layers",
                               f"{__name__}.stream")

from .boards import BoardLaws  # noqa: E402
from .layers import LayerLaws  # noqa: E402
from .schemes import SchemeLaws  # noqa: E402

__all__ = ["BoardLaws", "LayerLaws", "SchemeLaws"]
