"""What a description is known by."""

import pytest

from qhw.errors import ModelError
from qhw.loaders import shipped
from qhw.loaders.description.format import Description, files

FORMAT = Description()


@pytest.mark.parametrize(("head", "known"), [
    (b"schema = 1", True), (b"# a\n\n  schema= 2", True), (b"name = 1\nschema =\n", True),
    (b"schema_version = 1", False), (b'name = "schema = 1"', False), (b"", False),
    (b"a.schema = 1", False)])
def test_a_text_with_a_key_schema_is_one(tmp_path, head, known):
    path = tmp_path / "net"
    path.write_bytes(head)
    assert FORMAT.recognizes(path, head) == known


def test_a_folder_with_the_text_is_one(tmp_path):
    assert not FORMAT.recognizes(tmp_path, b"schema = 1")
    (tmp_path / "model.toml").mkdir()
    assert not FORMAT.recognizes(tmp_path, b"")
    (tmp_path / "model.toml").rmdir()
    (tmp_path / "model.toml").write_text("")
    assert FORMAT.recognizes(tmp_path, b"")


def test_the_arrays_are_beside_the_text(tmp_path):
    assert files(tmp_path) == (tmp_path / "model.toml", tmp_path / "weights.npz")
    assert files(tmp_path / "other.txt") == (tmp_path / "other.txt", tmp_path / "weights.npz")


def test_both_files_are_its_contents(tmp_path):
    (tmp_path / "other.txt").write_text("text")
    (tmp_path / "weights.npz").write_bytes(b"arrays")
    assert FORMAT.contents(tmp_path / "other.txt") == {
        "model.toml": b"text", "weights.npz": b"arrays"}


@pytest.mark.parametrize("options", [{"input_format": "u8"}, {"input_shape": (64,)}])
def test_a_description_says_its_input_itself(options):
    with pytest.raises(ModelError, match="a description has its own input format"):
        FORMAT.load(shipped()["digits-binary"], **options)
