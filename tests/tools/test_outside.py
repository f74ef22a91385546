"""Files from outside, each limit at its edge."""

import os

import pytest

from qhw import limits
from qhw.errors import ModelError
from qhw.tools.outside import beginning, json_of, plain, read_bytes, read_text


def test_as_many_bytes_as_are_allowed(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bytes(path, 5) == read_bytes(path, 6) == b"12345"
    with pytest.raises(ModelError, match="file: it has 5 bytes, more than 4"):
        read_bytes(path, 4)
    assert [beginning(path, n) for n in (0, 4, 5, 9)] == [b"", b"1234", b"12345", b"12345"]
    path.write_bytes(b"")
    assert read_bytes(path, 0) == b""


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, says in ((tmp_path, "this is a folder, not a file"),
                       (tmp_path / "pipe", "this is no regular file"),
                       (tmp_path / "none", "there is no such file"),
                       (tmp_path / "a\0b", "it cannot be read"),
                       (tmp_path / ("x" * 300), "it cannot be read: File name too long")):
        for read in (lambda p: read_bytes(p, 9), lambda p: beginning(p, 9)):
            with pytest.raises(ModelError, match=says):
                read(path)


def test_a_file_that_grows(tmp_path, monkeypatch):
    """Its size is looked at before it is read."""
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    about = os.stat_result((*path.stat()[:6], 4, *path.stat()[7:]))
    monkeypatch.setattr(type(path), "stat", lambda self: about)
    with pytest.raises(ModelError, match="it grows while it is read"):
        read_bytes(path, 9)


def test_text_is_utf8(tmp_path):
    path = tmp_path / "file"
    path.write_bytes("aé".encode())
    assert read_text(path) == "aé"
    path.write_bytes(b"abc\xff")
    with pytest.raises(ModelError, match=r"it is no text in UTF-8 \(byte 3\)"):
        read_text(path)
    with pytest.raises(ModelError, match="it has 4 bytes, more than 3"):
        read_text(path, 3)


def nested(depth, kind):
    thing = 0
    for _ in range(depth):
        thing = [1, thing] if kind == "list" else {"a": 1, "b": thing}
    return thing


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_nesting(kind):
    most = limits.TEXT_NESTING
    assert plain(nested(most, kind)) == nested(most, kind)
    with pytest.raises(ValueError, match=f"tables and arrays are nested more than {most}"):
        plain(nested(most + 1, kind))


@pytest.mark.parametrize("sign", [1, -1])
def test_integers(sign):
    edge = sign * ((1 << limits.INTEGER_BITS) - 1)
    assert plain({"a": [edge]}) == {"a": [edge]}
    with pytest.raises(ValueError, match=f"an integer has {limits.INTEGER_BITS + 1} bits, more"):
        plain({"a": [0, edge + sign]})


@pytest.mark.parametrize(("text", "says"), [
    ('{"a": 1, "b": 2, "a": 3}', "the key 'a' is there twice"),
    ('[{"b": {"c": 1, "d": 2, "d": 2}}]', "the key 'd' is there twice"),
    ('{"' + "k" * 99 + '": 1, "' + "k" * 99 + '": 1}', f"the key '{'k' * 80}' is there twice"),
    ("[1,", "file: Expecting value"), ("[" * 9000 + "]" * 9000, "nested more than")])
def test_json_that_is_refused(tmp_path, text, says):
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(ModelError, match=says):
        json_of(path)


def test_json(tmp_path):
    path = tmp_path / "file"
    path.write_text('{"a": [1, 2.5, null], "b": {"a": true}}')
    assert json_of(path) == {"a": [1, 2.5, None], "b": {"a": True}}
    with pytest.raises(ModelError, match="more than 5"):
        json_of(path, 5)
