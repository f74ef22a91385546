import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Lanes, Tensor
from qhw.hw.units.argmax import ArgMaxUnit
from qhw.ops import Largest
from qhw.testing.stream import run


@pytest.mark.parametrize("stalls", [None, 6])
@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize(("size", "pe"), [
    (2, 1), (2, 2), (10, 1), (10, 5), (10, 2), (9, 9), (12, 3)])
def test_largest(size, pe, ranked, stalls):
    """Small values, so that ties are the rule."""
    rng = np.random.default_rng(0)
    rank = rng.integers(0, 3, size) if ranked else np.zeros(size, int)
    layer, values = Largest(rank, pe), rng.integers(-2, 2, (40, size))
    want = [max(range(size), key=lambda k, row=row: (row[k], rank[k], -k)) for row in values]
    assert layer.evaluate(values)[:, 0].tolist() == want
    got = run(layer.unit(Tensor((size,), Int(-2, 1))), values.reshape(-1, pe).tolist(),
              outputs=40, stalls=stalls)
    assert [index for index, in got] == want


@pytest.mark.parametrize("x", [Int(0, 3), Int(-4, -1)], ids=str)
@pytest.mark.parametrize("pe", [1, 3, 6])
def test_codes_of_one_sign(x, pe):
    """Ranks stand below the codes, whose highest bit is a sign only if they have one; the index is
    there a cycle after the last beat."""
    rank = np.array([0, 2, 1, 2, 0, 1])
    values = np.random.default_rng(2).integers(x.lo, x.hi + 1, (30, 6))
    want = [max(range(6), key=lambda k, row=row: (row[k], rank[k], -k)) for row in values]
    got, (ins, outs) = run(Largest(rank, pe).unit(Tensor((6,), x)),
                           values.reshape(-1, pe).tolist(), outputs=30, times=True)
    assert [index for index, in got] == want
    assert outs == [t + 1 for t in ins[6 // pe - 1::6 // pe]]


@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize(("size", "pe", "most"), [
    (2, 1, 1), (1, 1, 0), (2, 2, 0), (10, 1, 1), (10, 5, 3), (10, 2, 1), (9, 9, 3), (12, 3, 2)])
def test_registers_for_a_clock(size, pe, most, ranked):
    """Each makes the index a cycle later, and keeps the pace."""
    rng = np.random.default_rng(0)
    layer = Largest(rng.integers(0, 3, size) if ranked else np.zeros(size, int), pe)
    values = rng.integers(-2, 2, (30, size))
    want = [max(range(size), key=lambda k, row=row: (row[k], layer.rank[k], -k)) for row in values]
    assert layer.most_stages == most
    for one in layer.staged():
        for stalls in (None, 6):
            got, (ins, outs) = run(layer.folded(one).unit(Tensor((size,), Int(-2, 1))),
                                   values.reshape(-1, pe).tolist(), outputs=30, stalls=stalls,
                                   times=True)
            assert [index for index, in got] == want
            if stalls is None:
                beats = size // pe
                assert outs == [t + 1 + one.stages for t in ins[beats - 1::beats]]
                assert set(np.diff(ins)) == {1}, "a bubble"


@pytest.mark.parametrize("stages", [-1, 2])
def test_no_other_number_of_registers(stages):
    with pytest.raises(ValueError, match=f"stages must be 0 to 1, and {stages} is not"):
        ArgMaxUnit(np.zeros(3, int), x=Int(0, 1), pe=1, stages=stages)
    assert Largest(np.zeros(3, int)).folded(Lanes(3, 1)).unit(Tensor((3,), Int(0, 1))).at == [1]


def test_a_fold_must_divide():
    with pytest.raises(ValueError, match="PE must divide the 6 channels, and 4 does not"):
        Largest(np.zeros(6, int), 4).unit(Tensor((6,), Int(0, 1)))
