"""The host's waits and counts in seconds that go when they are told to, worked out by hand."""

from collections import deque

import pytest

from qhw.errors import ToolError
from qhw.link import host
from qhw.link.host import ASKING, RESYNC, HostLink, InOrder, Run
from qhw.link.line import ASK, BEGIN, Gone
from qhw.link.link import About, Beats

ABOUT = About(bytes(12), Beats(8, 0, 1, 2), Beats(8, 0, 1, 1), window=4, baud=1_000_000)


class Line:
    """A line that remembers what is sent; each look at it takes a tick, and may be gone."""

    def __init__(self, now, tick=0.0):
        self.now, self.tick = now, tick
        self.log: list[tuple[int, bytes, bytes]] = []
        self.script: deque = deque()
        self.answer = None
        self.sent = self.received = self.opened = 0

    def send(self, payload=b"", *, flags=0, before=b"", tag=None):
        tag = len(self.log) | flags if tag is None else tag
        self.log.append((tag, payload, before))
        self.sent += len(before) + len(payload)
        return tag

    def frames(self):
        self.now[0] += self.tick
        if self.script and isinstance(self.script[0], Exception):
            raise self.script.popleft()
        found = self.script.popleft() if self.script else self.answer() if self.answer else []
        self.received += sum(len(payload) for _, payload in found)
        return iter(found)

    def open(self):
        self.opened += 1

    def close(self):
        self.opened -= 1


@pytest.fixture
def now(monkeypatch):
    now = [50.0]
    monkeypatch.setattr(host.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(host.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def linked(line, **how):
    link = HostLink("/dev/port", 9600, **how)
    link.line = line
    return link


def run_of(line, count=8, slow=0.0):
    return Run(line, ABOUT, [bytes([k, 0]) for k in range(count)], slow)


@pytest.mark.parametrize(("slow", "took", "wait"), [
    # 4 times what it took, but no less than 0.9 of the 0.5 before, than 0.1, and no more than 1.
    (0, 0.01, 0.45), (0, 0.1, 0.45), (0, 0.2, 0.8), (0, 0.3, 1.0),
    # What the bytes take is in all of them: 0.9 * (0.5 + 0.3), 0.8, 1 + 0.3.
    (0.3, 0.01, 0.72), (0.3, 0.19, 0.76), (0.3, 0.3, 1.2), (0.3, 0.5, 1.3)])
def test_the_wait_follows_what_an_answer_took(now, slow, took, wait):
    line = Line(now)
    run = run_of(line, slow=slow)
    assert run.wait == 0.5 + slow
    run.step()
    now[0] += took
    line.script.append([(0, b"a")])
    assert run.step() == now[0]         # when the board was last heard
    assert run.wait == pytest.approx(wait)


def test_the_wait_shrinks_to_its_least(now):
    """By a tenth with each answer that comes at once, down to 0.1 and what the bytes take."""
    line = Line(now)
    run = run_of(line, 40, slow=0.05)
    waits = []
    for k in range(20):
        line.script.append([(k, b"a")])
        run.step()
        waits.append(run.wait)
    assert waits[:2] == pytest.approx([0.55 * 0.9, 0.55 * 0.81])
    assert waits[-1] == pytest.approx(0.15) and min(waits) >= 0.15 - 1e-12


@pytest.mark.parametrize(("after", "lost"), [(0.5, False), (0.51, True)])
def test_silence_begins_with_the_last_that_was_heard(now, after, lost):
    """An answer after 0.4 s begins it anew; to a wait of max(4 * 0.4, 0.45) = 1, at most."""
    line = Line(now)
    run = run_of(line)
    run.step()
    now[0] += after
    run.step()
    assert run.repeated == (4 if lost else 0)


def test_an_answer_begins_the_silence_anew(now):
    line = Line(now)
    run = run_of(line, 5)
    run.step()
    now[0] += 0.4
    line.script.append([(0, b"a")])
    run.step()
    run.step()                          # sample 4
    now[0] += 1.0
    run.step()
    assert run.repeated == 0
    now[0] += 0.01
    run.step()
    assert run.repeated == 4 and run.wait == 1.0


def test_silence_doubles_the_wait(now):
    """From the least of 0.1 + 0.05 that many answers led to, to at most 1 + 0.05."""
    line = Line(now)
    run = run_of(line, 40, slow=0.05)
    for k in range(20):
        line.script.append([(k, b"a")])
        run.step()
    waits = []
    for _ in range(5):
        run.step()
        now[0] += 2
        run.step()
        waits.append(run.wait)
    assert waits == pytest.approx([0.3, 0.6, 1.05, 1.05, 1.05])


def test_what_is_left_is_sent_as_often_as_the_window_has_room(now):
    """Of a window of 4: three once, two twice, one four times."""
    for count, sent in ((3, 3), (2, 4), (1, 4), (4, 4), (5, 4)):
        line = Line(now)
        run = run_of(line, count)
        run.step()
        first = len(line.log)
        run.lose_all()
        run.step()
        assert len(line.log) - first == sent, count
        assert [before for _, _, before in line.log[first:]] == [b"\0\0", *[b""] * (sent - 1)]


def test_nothing_in_flight_is_no_silence(now):
    line = Line(now)
    run = run_of(line, 0)
    now[0] += 9
    run.step()
    assert run.repeated == 0 and not line.log and run.begin == b""


# -- the whole of it

def answering(line, size=1):
    """Every request is answered at the next look."""
    done = [0]

    def answer():
        found = [(tag, bytes([payload[0]]) * size) for tag, payload, _ in line.log[done[0]:]]
        done[0] = len(line.log)
        return found
    line.answer = answer
    return line


def test_what_a_run_took(now):
    """Nine requests of 2 bytes in windows of 4, each look of 0.25 s: three looks. What the line
    carried before does not count."""
    line = answering(Line(now, 0.25))
    line.sent, line.received = 1000, 2000
    seen = []
    answers, rates = linked(line).infer(ABOUT, [bytes([k, 9]) for k in range(9)], seen.append)
    assert answers == [bytes([k]) for k in range(9)]
    assert (rates.seconds, rates.sent, rates.received) == (0.75, 18, 9)
    assert (rates.repeated, rates.reopened) == (0, 0)
    assert seen == [4, 8, 9]


@pytest.mark.parametrize(("pace", "patience", "silent"), [
    # Request and answer have 2 + 1 + 2 * 11 bytes; four times as long may pass besides.
    (0.0, 3.0, 3.0), (0.02, 3.0, 3.0 + 4 * 0.02 * 25)])
def test_patience(now, pace, patience, silent):
    line = Line(now, 0.25)
    link = linked(line, patience=patience)
    link.pace = pace
    begin = now[0]
    with pytest.raises(ToolError) as e:
        link.infer(ABOUT, [b"ab"] * 9)
    assert str(e.value) == "/dev/port: the board fell silent after 0 of 9 samples"
    assert silent < now[0] - begin <= silent + 0.5


def test_a_port_that_comes_back(now):
    """What was in flight is sent anew behind two zeros; the pauses are no silence."""
    line = answering(Line(now, 0.25))
    line.opened = 1
    link = linked(line, patience=1.0)
    link.about = lambda: ABOUT
    line.script.extend([Gone("x"), Gone("y")])
    answers, rates = link.infer(ABOUT, [bytes([k, 9]) for k in range(4)])
    assert answers == [bytes([k]) for k in range(4)]
    assert (rates.repeated, rates.reopened, line.opened) == (8, 2, 1)
    assert [before for _, _, before in line.log] == [b"", b"", b"", b"", *[b"\0\0", b"", b"", b""]
                                                     * 2]


def test_a_port_that_does_not_come_back(now):
    line = Line(now)
    link = linked(line, patience=0.95)
    tries = []

    def about():
        tries.append(now[0])
        raise ToolError("no answer")
    link.about = about
    line.script.append(Gone("x"))
    with pytest.raises(ToolError, match="no answer"):
        link.infer(ABOUT, [b"ab"])
    assert tries == pytest.approx([50 + k / 10 for k in range(11)])


def test_another_board_that_comes_back(now):
    line = Line(now)
    link = linked(line)
    link.about = lambda: About(bytes(12), ABOUT.input, ABOUT.output, window=3, baud=1_000_000)
    line.script.append(Gone("x"))
    with pytest.raises(ToolError, match="the board that came back is another one, or holds another"
                                        " network"):
        link.infer(ABOUT, [b"ab"])


# -- who are you

def test_a_board_is_asked_ever_more_rarely(now):
    """After 0.1, 0.2, 0.4, 0.8 and then 1 s; a look takes 0.01."""
    line, times = Line(now, 0.01), []
    send = line.send

    def sent(**how):
        times.append(now[0] - 50)
        assert how == {"flags": ASK, "before": b"\0\0"}
        return send(**how)
    line.send = sent
    with pytest.raises(ToolError, match="no answer at 9600 baud"):
        linked(line, patience=3.0).about()
    assert times == pytest.approx([0, 0.1, 0.3, 0.7, 1.5, 2.5], abs=0.06)


def test_only_an_answer_to_our_question_counts_and_says_the_pace(now):
    """54 bytes of question and answer after 0.54 s are 0.01 a byte; a later question was not asked
    then."""
    line = Line(now, 0.27)
    line.script.extend([[(5, b"other"), (ASK | 7, b"other")], [(ASK | 0, ABOUT.pack())]])
    link = linked(line)
    assert link.about() == ABOUT
    assert ASKING == 54 and len(line.log) == 2
    assert link.pace == pytest.approx(0.01)


@pytest.mark.parametrize(("payload", "says"), [
    (b"", "the board's link has version -, and this qhw's 01; program it again"),
    (b"\2" + ABOUT.pack()[1:], "version 02, and this qhw's 01"),
    (ABOUT.pack() + b"\0", "version 01"), (ABOUT.pack()[:-1], "version 01"),
    (b"\1\x81" + ABOUT.pack()[2:], "the board says that it has a window of 129 requests, which no "
                                 "network of qhw has; program it again")])
def test_answers_that_are_not_understood(now, payload, says):
    line = Line(now)
    line.script.append([(ASK, payload)])
    with pytest.raises(ToolError, match=says):
        linked(line).about()


def in_order(line, count=3):
    return InOrder(line, ABOUT, [bytes([k, 0]) for k in range(count)], 0.0)


def test_a_sequence_goes_one_by_one_and_begins_with_its_flag(now):
    line = Line(now)
    run = in_order(line)
    for k, tag in enumerate((BEGIN, 1, 2)):
        run.step()
        run.step()                      # nothing more is sent before the answer
        assert line.log[k:] == [(tag, bytes([k, 0]), b"")]
        line.script.append([(tag ^ 1, b"z"), (tag, b"no"), (tag, bytes([k])), (tag, b"z")])
        run.step()
    assert run.answers == [b"\0", b"\1", b"\2"] and run.left == run.repeated == 0


def test_a_sample_without_an_answer_is_sent_again_with_its_tag(now):
    line = Line(now)
    run = in_order(line)
    run.step()
    now[0] += 0.51
    run.step()
    assert line.log == [(BEGIN, b"\0\0", b""), (BEGIN, b"\0\0", RESYNC)] and run.repeated == 1
    line.script.append([(BEGIN, b"a"), (BEGIN, b"a")])
    run.step()
    run.step()
    assert line.log[2:] == [(2, b"\1\0", b"")] and run.left == 2


@pytest.mark.parametrize("gone", [False, True])
def test_a_board_that_may_have_lost_its_state_gets_the_sequence_anew(now, gone):
    line = Line(now)
    run = in_order(line)
    run.step()
    line.script.append([(BEGIN, b"a")])
    run.step()
    run.step()
    if gone:
        run.lose_all()
    else:
        now[0] += 3.01
        run.step()
    sent = len(line.log)
    run.step()
    assert line.log[sent:] == [(sent | BEGIN, b"\0\0", RESYNC)]
    assert run.left == 3 and run.repeated == 2
