"""Networks of the literature, small: what each puts together, a few channels wide."""

from collections.abc import Callable

import numpy as np

from .floats import Floats

__all__ = ["ARCHITECTURES", "architecture"]

Network = Callable[[Floats], list[str]]
ARCHITECTURES: dict[str, tuple[tuple[int, ...], Network]] = {}
"""The input's shape and the network of each."""


def architecture(*shape: int):
    """Registers a network whose input has ``shape``."""
    def register(network: Network) -> Network:
        ARCHITECTURES[network.__name__] = shape, network
        return network
    return register


def classifier(f: Floats, x: str, channels: int) -> str:
    """The mean of each channel, a layer, Softmax."""
    x = f.node("Flatten", f.node("GlobalAveragePool", x))
    return f.node("Softmax", f.dense(x, channels, 4), axis=-1)


def relu(f: Floats, x: str, channels: int, outputs: int, size: int, **attributes: object) -> str:
    """A convolution that keeps the image's size, batch norm, Relu."""
    x = f.conv(x, channels, outputs, size, pads=[size // 2] * 4, **attributes)
    return f.node("Relu", f.norm(x, outputs))


@architecture(24)
def autoencoder(f: Floats) -> list[str]:
    x, wide = "x", 24
    for width in (8, 4, 8):
        x, wide = f.node("MatMul", x, f.constant(f.numbers.normal(size=(wide, width)) / wide**.5)
                         ), width
        x = f.node("Relu", f.norm(f.node("Add", x, f.biases(width)), width))
    return [f.dense(x, wide, 24)]


@architecture(1, 12, 12)
def lenet(f: Floats) -> list[str]:
    x = f.node("MaxPool", f.node("Relu", f.conv("x", 1, 3, 3)), kernel_shape=[2, 2], strides=[2, 2])
    x = f.node("MaxPool", f.node("Tanh", f.conv(x, 3, 4, 2)), kernel_shape=[2, 2], strides=[2, 2])
    x = f.node("Relu", f.dense(f.node("Flatten", x), 16, 8))
    return [f.node("Softmax", f.dense(x, 8, 4))]


@architecture(3, 8, 8)
def vgg(f: Floats) -> list[str]:
    x, channels = "x", 3
    for width in (4, 6):
        x, channels = relu(f, relu(f, x, channels, width, 3), width, width, 3), width
        x = f.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    x = f.node("Dropout", f.node("Relu", f.dense(f.reshape(x, 24), 24, 8)))
    return [f.dense(x, 8, 4)]


@architecture(3, 8, 8)
def resnet(f: Floats) -> list[str]:
    x, channels = relu(f, "x", 3, 4, 3), 4
    for width, stride in ((4, 1), (6, 2)):
        y = relu(f, x, channels, width, 3, strides=[stride] * 2)
        y = f.norm(f.conv(y, width, width, 3, pads=[1] * 4), width)
        if stride != 1:
            x = f.conv(x, channels, width, 1, strides=[stride] * 2)
        x, channels = f.node("Relu", f.node("Add", y, x)), width
    return [classifier(f, x, channels)]


@architecture(1, 10, 6)
def ds_cnn(f: Floats) -> list[str]:
    x = f.node("Conv", "x", f.weights(4, 1, 4, 3), strides=[2, 2], auto_pad="SAME_UPPER")
    x = f.node("Relu", f.norm(x, 4))
    for _ in range(2):
        x = relu(f, relu(f, x, 4, 4, 3, group=4), 4, 4, 1)
    x = f.node("AveragePool", x, kernel_shape=[5, 3])
    return [f.dense(f.node("Flatten", x), 4, 4)]


@architecture(3, 8, 8)
def mobilenet_v1(f: Floats) -> list[str]:
    x, channels = relu(f, "x", 3, 4, 3, strides=[2, 2]), 4
    for width, stride in ((6, 1), (8, 2)):
        x = relu(f, x, channels, channels, 3, group=channels, strides=[stride] * 2)
        x, channels = relu(f, x, channels, width, 1), width
    x = f.conv(f.node("GlobalAveragePool", x), channels, 4, 1)
    return [f.node("Softmax", f.reshape(x, 4))]


@architecture(3, 8, 8)
def mobilenet_v2(f: Floats) -> list[str]:
    x, channels = f.clip(f.conv("x", 3, 4, 3, pads=[1] * 4), 0., 6.), 4
    for width, stride in ((4, 1), (6, 2)):
        y = f.clip(f.norm(f.conv(x, channels, 8, 1), 8), 0., 6.)
        y = f.clip(f.conv(y, 8, 8, 3, group=8, pads=[1] * 4, strides=[stride] * 2), 0., 6.)
        y = f.norm(f.conv(y, 8, width, 1), width)
        x, channels = f.node("Add", x, y) if stride == 1 else y, width
    x = f.node("ReduceMean", f.clip(x, 0., 6.), f.constant(np.array([2, 3])), keepdims=0)
    return [f.dense(x, channels, 4)]


@architecture(3, 8, 8)
def mobilenet_v3(f: Floats) -> list[str]:
    x = f.node("HardSwish", f.conv("x", 3, 4, 3, pads=[1] * 4, strides=[2, 2]))
    y = f.node("HardSwish", f.conv(x, 4, 4, 3, group=4, pads=[1] * 4))
    squeezed = f.node("Relu", f.conv(f.node("GlobalAveragePool", y), 4, 2, 1))
    excited = f.node("HardSigmoid", f.conv(squeezed, 2, 4, 1), alpha=1 / 6)
    y = f.conv(f.node("Mul", y, excited), 4, 4, 1)
    return [classifier(f, f.node("Add", x, y), 4)]


@architecture(3, 8, 8)
def efficientnet(f: Floats) -> list[str]:
    """Swish as exporters write it: a product of a tensor and its own sigmoid."""
    x = f.conv("x", 3, 4, 3, pads=[1] * 4, strides=[2, 2])
    x = f.node("Mul", x, f.node("Sigmoid", x))
    y = f.conv(x, 4, 4, 3, group=4, pads=[1] * 4)
    y = f.node("Mul", y, f.node("Sigmoid", y))
    squeezed = f.conv(f.node("GlobalAveragePool", y), 4, 4, 1)
    y = f.conv(f.node("Mul", y, f.node("Sigmoid", squeezed)), 4, 4, 1)
    return [classifier(f, f.node("Add", x, y), 4)]


@architecture(3, 8, 8)
def squeezenet(f: Floats) -> list[str]:
    x, channels = f.node("Relu", f.conv("x", 3, 4, 3, strides=[2, 2])), 4
    for _ in range(2):
        x = f.node("Relu", f.conv(x, channels, 2, 1))
        x = f.node("Concat", f.node("Relu", f.conv(x, 2, 3, 1)),
                   f.node("Relu", f.conv(x, 2, 3, 3, pads=[1] * 4)), axis=1)
        channels = 6
    x = f.node("GlobalAveragePool", f.node("Relu", f.conv(x, channels, 4, 1)))
    return [f.node("Softmax", f.node("Flatten", x))]


@architecture(3, 8, 8)
def densenet(f: Floats) -> list[str]:
    x, channels = f.conv("x", 3, 4, 3, pads=[1] * 4), 4
    for _ in range(2):
        y = f.node("Relu", f.norm(x, channels))
        y = f.node("Relu", f.norm(f.conv(y, channels, 4, 1), 4))
        x, channels = f.node("Concat", x, f.conv(y, 4, 2, 3, pads=[1] * 4), axis=1), channels + 2
    x = f.conv(f.node("Relu", f.norm(x, channels)), channels, 4, 1)
    return [classifier(f, f.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]), 4)]


@architecture(3, 8, 8)
def inception(f: Floats) -> list[str]:
    x = relu(f, "x", 3, 4, 3, strides=[2, 2])
    pool = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1] * 4}
    branches = [relu(f, x, 4, 2, 1), relu(f, relu(f, x, 4, 2, 1), 2, 3, 3),
                relu(f, f.node("MaxPool", x, **pool), 4, 2, 1),
                relu(f, f.node("AveragePool", x, count_include_pad=1, **pool), 4, 2, 1)]
    return [classifier(f, f.node("Concat", *branches, axis=1), 9)]


@architecture(4, 6, 6)
def shufflenet(f: Floats) -> list[str]:
    left, right = f.nodes_of("Split", 2, "x", f.constant(np.array([2, 2])), axis=1)
    right = f.node("Relu", f.conv(right, 2, 4, 1, group=2))
    right = f.conv(right, 4, 4, 3, group=4, pads=[1] * 4)
    x = f.node("Concat", left, f.node("Relu", f.conv(right, 4, 2, 1)), axis=1)
    x = f.node("Transpose", f.reshape(x, 2, 2, 6, 6), perm=[0, 2, 1, 3, 4])
    return [classifier(f, relu(f, f.reshape(x, 4, 6, 6), 4, 6, 1), 6)]


@architecture(3, 8, 8)
def yolo(f: Floats) -> list[str]:
    """Two heads, the finer one beside what the coarser one saw, enlarged."""
    def leaky(x: str, channels: int, outputs: int, size: int, stride: int = 1) -> str:
        x = f.conv(x, channels, outputs, size, pads=[size // 2] * 4, strides=[stride] * 2)
        return f.node("LeakyRelu", x, alpha=.1)

    fine = leaky("x", 3, 4, 3, 2)
    coarse = leaky(fine, 4, 6, 3, 2)
    up = f.node("Resize", leaky(coarse, 6, 4, 1), "", f.constant(np.array([1., 1., 2., 2.])),
                mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    fine = leaky(f.node("Concat", up, fine, axis=1), 8, 4, 3)
    return [f.node("Sigmoid", f.conv(coarse, 6, 5, 1)), f.node("Sigmoid", f.conv(fine, 4, 5, 1))]


@architecture(2, 8, 8)
def unet(f: Floats) -> list[str]:
    skip = relu(f, "x", 2, 3, 3)
    x = f.node("MaxPool", skip, kernel_shape=[2, 2], strides=[2, 2])
    x = relu(f, x, 3, 4, 3)
    x = f.node("ConvTranspose", x, f.constant(f.numbers.normal(size=(4, 3, 2, 2)) / 4),
               f.biases(3), strides=[2, 2])
    x = relu(f, f.node("Concat", x, skip, axis=1), 6, 3, 3)
    return [f.node("Sigmoid", f.conv(x, 3, 1, 1))]


@architecture(2, 16)
def tcn(f: Floats) -> list[str]:
    """Causal convolutions of one dimension, dilated, beside a sum."""
    def causal(x: str, channels: int, dilation: int) -> str:
        pads = f.constant(np.array([0, 0, 2 * dilation, 0, 0, 0]))
        return f.node("Relu", f.node("Conv", f.node("Pad", x, pads), f.weights(4, channels, 3),
                                     f.biases(4), dilations=[dilation]))

    x = f.node("Conv", "x", f.weights(4, 2, 1))
    for dilation in (1, 2):
        x = f.node("Add", x, causal(causal(x, 4, dilation), 4, dilation))
    return [f.dense(f.node("Flatten", f.node("GlobalAveragePool", x)), 4, 3)]


@architecture(1, 6, 6)
def espcn(f: Floats) -> list[str]:
    x = f.node("Relu", f.conv(f.node("Relu", f.conv("x", 1, 4, 3, pads=[1] * 4)), 4, 4, 3,
                              pads=[1] * 4))
    return [f.node("DepthToSpace", f.conv(x, 4, 4, 3, pads=[1] * 4), blocksize=2, mode="CRD")]
