"""A port that is a list of bytes: tags, what is kept of halves, and what is said if it is gone."""

import errno

import pytest

from qhw.errors import ToolError
from qhw.link import line
from qhw.link.line import ASK, BEGIN, Gone, Line, frame


class Port:
    """What pyserial has: bytes to read, in pieces, and bytes written."""

    def __init__(self, path, baud, **how):
        self.opened = path, baud, how
        self.pieces: list[bytes] = []
        self.asked: list[int] = []
        self.written, self.closed, self.fails = b"", False, None

    @property
    def in_waiting(self):
        return len(self.pieces[0]) if self.pieces else 0

    def read(self, size):
        if self.fails:
            raise self.fails
        self.asked.append(size)
        return self.pieces.pop(0) if self.pieces else b""

    def write(self, text):
        if self.fails:
            raise self.fails
        self.written += text

    def close(self):
        self.closed = True


@pytest.fixture
def open_line(monkeypatch):
    monkeypatch.setattr(line.serial, "Serial", Port)
    monkeypatch.setattr(line.secrets, "randbelow", lambda most: most - 3)
    return Line("/dev/port", 9600)


def test_tags_count_up_to_the_bits_that_are_flags(open_line):
    """From a random one; behind the last comes 0, and the flag is never a tag's own bit."""
    tags = [open_line.send(b"x") for _ in range(4)]
    assert tags == [BEGIN - 2, BEGIN - 1, 0, 1]
    assert open_line.send(flags=ASK) == ASK | 2 and open_line.send() == 3


def test_a_frame_that_is_sent_again_keeps_its_tag(open_line):
    first = open_line.send(b"x", flags=BEGIN)
    assert first & BEGIN and open_line.send(b"x", tag=first) == first
    assert open_line._port.written == 2 * frame(first, b"x")
    assert open_line.send() == (first + 1) % BEGIN


def test_what_is_written_and_counted(open_line):
    tag = open_line.send(b"\0\7", before=b"\0\0")
    asked = open_line.send(flags=ASK)
    written = b"\0\0" + frame(tag, b"\0\7") + frame(asked)
    assert open_line._port.written == written and open_line.sent == len(written)
    assert open_line.received == 0


def test_a_port_is_opened_as_it_was_asked_for(open_line):
    path, baud, how = open_line._port.opened
    assert (path, baud, how) == ("/dev/port", 9600, {"timeout": 0.02, "write_timeout": 1})
    port = open_line._port
    open_line.close()
    assert port.closed


def test_frames_come_in_any_pieces(open_line):
    """Halves wait for the rest, wrong ones are dropped, and every byte counts."""
    one, two = frame(5, b"abc"), frame(6)
    port = open_line._port
    port.pieces = [one[:4], one[4:] + two[:2], b"", two[2:] + b"\3\1\0" + one + two, b"\0\0\0"]
    got = [list(open_line.frames()) for _ in range(5)]
    assert got == [[], [(5, b"abc")], [], [(6, b""), (5, b"abc"), (6, b"")], []]
    assert open_line.received == 2 * len(one + two) + 3 + 3
    assert port.asked == [4, len(one) - 2, 1, len(one + two) + len(two) + 1, 3]


def test_of_a_flood_without_a_zero_the_last_bytes_are_kept(open_line, monkeypatch):
    one = frame(5, b"abc")
    for most, found in ((len(one) - 1, [(5, b"abc")]), (len(one) - 2, [])):
        monkeypatch.setattr(line, "MOST", most)
        open_line._port.pieces = [b"\0" + one[:-1], b"\0"]
        assert [*open_line.frames(), *open_line.frames()] == found


def test_what_was_half_there_is_gone_with_the_port(open_line):
    one = frame(5, b"abc")
    open_line._port.pieces = [one[:4]]
    assert not list(open_line.frames())
    open_line.open()
    open_line._port.pieces = [one[4:]]
    assert not list(open_line.frames())
    assert open_line.received == len(one)


def test_a_port_that_is_gone(open_line):
    open_line._port.fails = OSError(5, "unplugged")
    with pytest.raises(Gone, match="unplugged"):
        open_line.send(b"x")
    assert open_line.sent == 0
    with pytest.raises(Gone, match="unplugged"):
        open_line.frames()


@pytest.mark.parametrize(("error", "says"), [
    (OSError(errno.ENOENT, "x"), "there is no such port; is the board plugged in?"),
    (OSError(errno.EACCES, "x"), "you may not use this port; join the group that owns it"),
    (OSError(errno.EBUSY, "x"), "another program uses this port"),
    (OSError(errno.EIO, "odd"), "odd"), (ValueError("Not a valid baudrate: 0"), "Not a valid baud"),
])
def test_a_port_that_cannot_be_opened(monkeypatch, error, says):
    def serial(*args, **how):
        raise error
    monkeypatch.setattr(line.serial, "Serial", serial)
    with pytest.raises(ToolError) as e:
        Line("/dev/port", 9600)
    assert str(e.value).startswith("/dev/port: ") and says in str(e.value)


def test_low_latency_where_a_port_has_it(monkeypatch):
    asked = []
    monkeypatch.setattr(line.serial, "Serial", lambda *args, **how: type(
        "Low", (), {"set_low_latency_mode": lambda self, on: asked.append(on)})())
    Line("/dev/port", 9600)
    assert asked == [True]
