"""A small network, and a cache of the test's own."""

import pytest

from tests.tiny import write_tiny


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def tiny(tmp_path):
    return write_tiny(tmp_path / "tiny")
