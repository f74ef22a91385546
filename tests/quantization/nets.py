"""Small float networks: a convolution network with a residual sum, and others."""

import numpy as np

from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Add, BatchNorm, Flatten, FloatConv, Input, Linear, Relu
from qhw.layers.pool import AveragePool, MaxPool

HALVES = Window((2, 2), (2, 2))


class Net:
    """Adds layers one after the other; random numbers are the same for every network."""

    def __init__(self, *shape, codes=None):
        self.rng = np.random.default_rng(3)
        self.nodes = [Node("input", Input(shape, codes))]

    def add(self, name, op, *inputs):
        self.nodes.append(Node(name, op, inputs or (self.nodes[-1].name,)))
        return self

    def conv(self, name, inputs, outputs, *before, groups=1):
        weights = self.rng.normal(size=(outputs, 9 * inputs // groups)) / 3
        return self.add(name, FloatConv(weights, Window((3, 3), pads=(1, 1, 1, 1)), groups,
                                        self.rng.normal(size=outputs)), *before)

    def dense(self, name, inputs, outputs, *before):
        return self.add(name, Linear(self.rng.normal(size=(outputs, inputs)) / 2,
                                     self.rng.normal(size=outputs)), *before)

    def norm(self, name, channels, *before):
        gamma, beta, mean = self.rng.normal(size=(3, channels))
        return self.add(name, BatchNorm(gamma, beta, mean, self.rng.uniform(0.5, 2, channels),
                                        1e-5), *before)

    def relu(self, name, *before):
        return self.add(name, Relu(), *before)

    @property
    def graph(self):
        return Graph("net", tuple(self.nodes)).check()


def residual(shape=(6, 6, 2), codes=None):
    """conv, norm, relu, pool; a residual block; a depthwise layer, a mean, and a dense layer."""
    net = Net(*shape, codes=codes).conv("c1", 2, 4).norm("n1", 4).relu("r1")
    net.add("pool", MaxPool(HALVES)).conv("c2", 4, 4).relu("r2").conv("c3", 4, 4).norm("n3", 4)
    net.add("sum", Add(), "pool", "n3").relu("r3").conv("dw", 4, 4, groups=4).relu("r4")
    net.add("mean", AveragePool(Window((3, 3)))).add("flat", Flatten())
    return net.dense("fc", 4, 3).graph


def samples(count=40, shape=(6, 6, 2), seed=0):
    return np.random.default_rng(seed).uniform(0, 1, (count, *shape))
