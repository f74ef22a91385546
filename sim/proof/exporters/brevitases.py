"""Files that Brevitas exports: ``python sim/proof/exporters/brevitases.py DIR [COUNT]``.

Runs where torch and brevitas are installed, which need not be where qhw is. Every third file is
QCDQ, the others QONNX; each has its samples beside it.
"""

import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from brevitas import nn as qnn
from brevitas import quant
from brevitas.export import export_onnx_qcdq, export_qonnx
from torch import nn

warnings.simplefilter("ignore")


class Split(nn.Module):
    """Two branches that meet: Brevitas' sum, or a concatenation before a quantizer."""

    def __init__(self, branch: nn.Module, meeting: nn.Module):
        super().__init__()
        self.branch, self.meeting = branch, meeting

    def forward(self, x):
        if isinstance(self.meeting, qnn.QuantEltwiseAdd):
            return self.meeting(x, self.branch(x))
        both = x, self.branch(x)
        return self.meeting(torch.cat([getattr(v, "value", v) for v in both], 1))


class Drawn:
    """Draws a network's layers; ``channels`` and ``size`` are those behind the last."""

    def __init__(self, seed: int, *, qcdq: bool):
        self.pick, self.numbers = random.Random(seed).choice, np.random.default_rng(seed)
        self.qcdq, self.bits = qcdq, self.pick([2, 3, 4, 8])
        self.channels, self.size = self.pick([1, 3]), self.pick([4, 6])
        self.flat = self.pick([False, False, True])
        """Whether images have one dimension."""
        self.shape = (self.channels, *[self.size] * (1 if self.flat else 2))
        self.weight = self.pick([
            quant.Int8WeightPerTensorFloat, quant.Int8WeightPerChannelFloat,
            quant.Int8WeightPerTensorFixedPoint, quant.ShiftedUint8WeightPerTensorFloat,
            *[quant.SignedBinaryWeightPerTensorConst, quant.SignedTernaryWeightPerTensorConst
              ] * (not qcdq)])
        self.keys: dict[str, Any] = {"weight_quant": self.weight}
        if "8" in self.weight.__name__:
            self.keys["weight_bit_width"] = self.bits
        if self.pick([True, False]):
            self.keys["bias_quant"] = quant.Int32Bias

    def conv(self, outputs: int, kernel: int = 3, **keys: Any) -> nn.Module:
        """A convolution that keeps the image's size."""
        kind = qnn.QuantConv1d if self.flat else qnn.QuantConv2d
        made = kind(self.channels, outputs, kernel, padding=kernel // 2, bias=True,
                    **self.keys, **keys)
        self.channels = outputs
        return made

    def activation(self) -> nn.Module:
        """A quantizer of drawn kind and width, or one behind what PyTorch has."""
        width = self.pick([2 if self.qcdq else 1, 2, 3, 4, 8])
        wide = max(width, 2)
        kinds: dict[str, Callable[[], nn.Module]] = {
            "relu": lambda: self.quantized(qnn.QuantReLU, "Uint8ActPerTensorFloat", width),
            "identity": lambda: self.identity("Int8ActPerTensorFloat", wide),
            "po2": lambda: self.quantized(qnn.QuantReLU, "Uint8ActPerTensorFixedPoint", wide),
            "tanh": lambda: qnn.QuantTanh(bit_width=wide, return_quant_tensor=True),
            "sigmoid": lambda: qnn.QuantSigmoid(bit_width=wide, return_quant_tensor=True),
            "hardtanh": lambda: qnn.QuantHardTanh(
                min_val=-1.0, max_val=1.0, bit_width=wide, return_quant_tensor=True),
            "shifted": lambda: nn.Sequential(
                self.pick([nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.Hardtanh, nn.ReLU6])(),
                self.identity("ShiftedUint8ActPerTensorFloat", wide)),
            "binary": lambda: self.identity("SignedBinaryActPerTensorConst", None)}
        names = ["relu", *kinds]
        return kinds[self.pick(names[:-1] if self.qcdq else names)]()

    def quantized(self, kind: Any, name: str, width: int | None) -> nn.Module:
        keys = {} if width is None else {"bit_width": width}
        return kind(act_quant=getattr(quant, name), return_quant_tensor=True, **keys)

    def identity(self, name: str, width: int | None) -> nn.Module:
        return self.quantized(qnn.QuantIdentity, name, width)

    def middle(self) -> list[nn.Module]:
        """Some layers of a drawn kind."""
        images = ["max", "average", "transposed", "upsample"]
        match self.pick([*["depthwise", "residual", "concat", "none"], *images * (not self.flat)]):
            case "max":
                self.size //= 2
                return [nn.MaxPool2d(2)]
            case "average":
                self.size //= 2
                return [nn.AvgPool2d(2), self.identity("Int8ActPerTensorFloat", 4)]
            case "transposed":
                self.size *= 2
                return [qnn.QuantConvTranspose2d(self.channels, self.channels, 2, stride=2,
                                                 bias=True, **self.keys), self.activation()]
            case "upsample":
                self.size *= 2
                return [qnn.QuantUpsample(scale_factor=2, mode="nearest",
                                          return_quant_tensor=True)]
            case "depthwise":
                return [self.conv(self.channels, groups=self.channels), self.activation()]
            case "residual":
                meeting = qnn.QuantEltwiseAdd(
                    input_quant=quant.Int8ActPerTensorFloat, return_quant_tensor=True,
                    output_quant=quant.Int8ActPerTensorFloat)
                return [Split(nn.Sequential(self.conv(self.channels), self.activation()), meeting)]
            case "concat":
                before = self.channels
                branch = nn.Sequential(self.conv(2, 1), self.activation())
                self.channels += before
                return [Split(branch, self.identity("Int8ActPerTensorFloat", 8))]
        return []

    def network(self) -> nn.Module:
        """Convolutions and a classifier with quantizers of drawn widths."""
        layers = [self.identity("Int8ActPerTensorFloat", 8), self.conv(self.pick([2, 4]))]
        if self.pick([True, False]):
            layers.append((nn.BatchNorm1d if self.flat else nn.BatchNorm2d)(self.channels))
        layers += [self.activation(), *self.middle()]
        inputs = self.channels * self.size**(1 if self.flat else 2)
        layers += [nn.Flatten(), qnn.QuantLinear(inputs, 4, bias=True, **self.keys)]
        if self.pick([True, False]):
            layers.append(self.activation())
        for module in layers[-1].modules():     # the last output is a plain tensor
            if hasattr(module, "return_quant_tensor"):
                module.return_quant_tensor = False
        return nn.Sequential(*layers)


def settle(network: nn.Module, x: torch.Tensor, numbers: np.random.Generator) -> None:
    """Scales and running statistics from samples, and norms that are not the identity."""
    network.train()
    for _ in range(3):
        network(x)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            for part, mean in ((module.weight, 1), (module.bias, 0)):
                part.data = torch.tensor(numbers.normal(mean, .5, module.num_features),
                                         dtype=torch.float32)
    network.eval()


def export(seed: int, path: Path) -> np.ndarray:
    """Writes a network's file; returns its samples."""
    qcdq = seed % 3 == 2
    drawn = Drawn(seed, qcdq=qcdq)
    torch.manual_seed(seed)
    network = drawn.network()
    x = torch.tensor(drawn.numbers.normal(size=(16, *drawn.shape)), dtype=torch.float32)
    settle(network, x, drawn.numbers)
    write = export_onnx_qcdq if qcdq else export_qonnx
    write(network, x[:1], export_path=str(path), dynamo=False)
    return x.numpy()[:8]


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        path = folder / f"brevitas-{seed:03}.onnx"
        try:
            x = export(seed, path)
        except Exception as e:
            path.unlink(missing_ok=True)
            print(f"{path.stem}: not exported: {type(e).__name__}: {str(e)[:200]}")
            continue
        np.savez(path.with_suffix(".npz"), x=x)


if __name__ == "__main__":
    main()
