"""The host's side of the link alone, against a board that is a list of answers and a clock that
goes when it is told to."""

import itertools
import zlib

import numpy as np
import pytest
from cobs import cobs

from qhw.link import host as host_link
from qhw.link.host import LONGEST, RESYNC, Run
from qhw.link.line import frame, unframe
from qhw.link.link import About, Beats

ABOUT = About(bytes(12), Beats(8, False, 1, 2), Beats(8, False, 1, 1), window=3, baud=1_000_000)


class Board:
    """A line that remembers what is sent, and answers with what it is given."""

    def __init__(self):
        self.sent: list[bytes] = []
        self.resyncs: list[int] = []
        self.answers: list[tuple[int, bytes]] = []

    def send(self, payload=b"", *, flags=0, before=b""):
        if before:
            assert before == RESYNC
            self.resyncs.append(len(self.sent))
        self.sent.append(payload)
        return len(self.sent) - 1

    def frames(self):
        found, self.answers = self.answers, []
        return iter(found)


@pytest.fixture
def clock(monkeypatch):
    """Seconds, in a list of one."""
    now = [100.0]
    monkeypatch.setattr(host_link.time, "monotonic", lambda: now[0])
    return now


def requests(count):
    return [bytes([k, 0]) for k in range(count)]


def order(board):
    """The samples in the order in which they were sent."""
    return [payload[0] for payload in board.sent]


def test_an_answer_says_that_older_frames_are_lost(clock):
    """The board answers in order: what was sent before the answered one is sent again at once."""
    board = Board()
    run = Run(board, ABOUT, requests(6), slow=0.0)
    run.step()
    assert order(board) == [0, 1, 2]
    board.answers = [(2, b"c")]
    run.step()
    assert (run.answers[2], run.left, run.repeated) == (b"c", 5, 2)
    run.step()
    assert order(board) == [0, 1, 2, 0, 1, 3]
    assert list(run.flight) == [3, 4, 5]


def test_an_answer_to_a_frame_that_was_given_up_counts_once(clock):
    board = Board()
    run = Run(board, ABOUT, requests(3), slow=0.0)
    run.step()
    board.answers = [(1, b"b")]
    run.step()
    run.step()                          # sample 0 again, as frame 3
    board.answers = [(0, b"a"), (3, b"a"), (2, b"c")]
    run.step()
    assert run.answers == [b"a", b"b", b"c"] and run.left == 0


def test_the_window_is_never_more_than_the_board_has_room_for(clock):
    board, rng = Board(), np.random.default_rng(0)
    run = Run(board, ABOUT, requests(200), slow=0.0)
    for _ in range(500):
        run.step()
        assert len(run.flight) <= ABOUT.window
        clock[0] += 0.01
        if run.flight:      # one is answered, so older ones are lost
            tag = int(rng.choice(list(run.flight)))
            board.answers = [(tag, bytes([board.sent[tag][0]]))]
    assert run.answers == [bytes([k]) for k in range(200)]
    assert run.repeated == len(board.sent) - 200 > 50


def test_silence_loses_all_and_begins_anew_ever_later(clock):
    board = Board()
    run = Run(board, ABOUT, requests(5), slow=0.25)
    run.step()
    waits, since = list[float](), clock[0]
    for _ in range(250):
        clock[0] += 1 / 64
        before = run.repeated
        run.step()
        if run.repeated > before:
            assert run.repeated == before + ABOUT.window
            waits.append(clock[0] - since)
            since = clock[0]
            run.step()
    assert waits == pytest.approx([0.75, LONGEST + 0.25, LONGEST + 0.25], abs=0.03)
    assert order(board) == [0, 1, 2] * 4
    assert board.resyncs == [3, 6, 9]


def test_what_is_left_in_silence_fills_the_window(clock):
    board = Board()
    run = Run(board, ABOUT, requests(1), slow=0.0)
    run.step()
    clock[0] += 10
    run.step()
    run.step()
    assert order(board) == [0, 0, 0, 0]


def test_answers_that_are_nobody_s_or_have_a_wrong_size_are_not_taken(clock):
    board = Board()
    run = Run(board, ABOUT, requests(2), slow=0.0)
    run.step()
    board.answers = [(77, b"a"), (0, b""), (0, b"ab")]
    run.step()
    assert run.left == 2 and run.answers == [b"", b""] and list(run.flight) == [0, 1]


PAYLOADS = [b"", b"\7", bytes(range(16)), bytes(300)]


@pytest.mark.parametrize("payload", PAYLOADS, ids=len)
def test_a_frame_with_any_bit_wrong_is_none(payload):
    """In its tag, its payload or its check, however the bytes are stuffed."""
    text = cobs.decode(frame(0x01020300, payload)[:-1])
    assert unframe(cobs.encode(text)) == (0x01020300, payload)
    for bit in range(8 * len(text)):
        changed = bytearray(text)
        changed[bit // 8] ^= 1 << bit % 8
        assert unframe(cobs.encode(bytes(changed))) is None


def test_bytes_that_are_lost_doubled_or_exchanged_are_none():
    text = cobs.decode(frame(5, bytes(range(40)))[:-1])
    for at in range(len(text)):
        for other in (text[:at] + text[at + 1:], text[:at] + text[at:at + 1] + text[at:],
                      text[:at] + text[at + 1:at + 2] + text[at:at + 1] + text[at + 2:]):
            assert other == text or unframe(cobs.encode(other)) is None


def test_two_frames_that_run_into_each_other_are_none():
    """A zero between them is lost."""
    for a, b in itertools.product(PAYLOADS, repeat=2):
        assert unframe(frame(1, a)[:-1] + frame(2, b)[:-1]) is None


def test_a_check_alone_is_no_frame():
    for size in range(4):
        assert unframe(cobs.encode(bytes(size))) is None
        text = bytes(size)
        assert unframe(cobs.encode(text + zlib.crc32(text).to_bytes(4, "little"))) is None
