"""Files that PyTorch's world exports: ``python sim/proof/exporters/torches.py DIR [COUNT]``.

Runs where torch and brevitas are installed, which need not be where qhw is: Brevitas' QONNX and
QCDQ exports, and torch.export's quantization (pt2e) through torch.onnx. Each file has its samples
beside it.
"""

import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

warnings.simplefilter("ignore")


def brevitas_network(pick: Callable, channels: int, size: int, *, qcdq: bool) -> nn.Module:
    """Convolutions and a classifier with quantizers of drawn widths."""
    import brevitas.nn as qnn
    from brevitas.quant import (
        Int8ActPerTensorFloat,
        Int8WeightPerChannelFloat,
        Int8WeightPerTensorFloat,
        Int32Bias,
        SignedBinaryWeightPerTensorConst,
        SignedTernaryWeightPerTensorConst,
    )
    weight = pick([Int8WeightPerTensorFloat, Int8WeightPerChannelFloat] if qcdq else [
        Int8WeightPerTensorFloat, Int8WeightPerChannelFloat, SignedBinaryWeightPerTensorConst,
        SignedTernaryWeightPerTensorConst])
    bits = pick([2, 3, 4, 8])
    keys = {"weight_quant": weight}
    if weight in (Int8WeightPerTensorFloat, Int8WeightPerChannelFloat):
        keys["weight_bit_width"] = bits
    if pick([True, False]):
        keys["bias_quant"] = Int32Bias

    first = pick([2, 4])
    layers = [qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat, return_quant_tensor=True),
              qnn.QuantConv2d(channels, first, 3, padding=1, bias=True, **keys)]
    if pick([True, False]):
        layers.append(nn.BatchNorm2d(first))
    layers.append(_activation(pick, qcdq=qcdq))
    match pick(["max", "average", "depthwise", "none"]):
        case "max":
            layers.append(nn.MaxPool2d(2))
            size //= 2
        case "depthwise":
            layers += [qnn.QuantConv2d(first, first, 3, padding=1, groups=first, bias=False,
                                       **keys), _activation(pick, qcdq=qcdq)]
        case "average":
            layers += [nn.AvgPool2d(2), qnn.QuantIdentity(
                act_quant=Int8ActPerTensorFloat, bit_width=4, return_quant_tensor=True)]
            size //= 2
    layers += [nn.Flatten(), qnn.QuantLinear(first * size * size, 4, bias=True, **keys)]
    if pick([True, False]):
        layers.append(_activation(pick, qcdq=qcdq))
    for module in nn.Sequential(*layers[-1:]).modules():    # the last output is a plain tensor
        if hasattr(module, "return_quant_tensor"):
            module.return_quant_tensor = False
    return nn.Sequential(*layers)


def _activation(pick: Callable, *, qcdq: bool) -> nn.Module:
    """A quantizer of drawn kind and width, or one behind what PyTorch has."""
    import brevitas.nn as qnn
    from brevitas.quant import (
        Int8ActPerTensorFloat,
        ShiftedUint8ActPerTensorFloat,
        SignedBinaryActPerTensorConst,
        Uint8ActPerTensorFloat,
    )
    width = pick([2 if qcdq else 1, 2, 3, 4, 8])
    kind = pick(["relu", "relu", "identity", "tanh", "shifted", "binary"])
    if kind == "binary" and not qcdq:
        return qnn.QuantIdentity(act_quant=SignedBinaryActPerTensorConst,
                                 return_quant_tensor=True)
    if kind == "relu":
        return qnn.QuantReLU(act_quant=Uint8ActPerTensorFloat, bit_width=width,
                             return_quant_tensor=True)
    if kind == "shifted":
        return nn.Sequential(nn.ReLU(), qnn.QuantIdentity(
            act_quant=ShiftedUint8ActPerTensorFloat, bit_width=max(width, 2),
            return_quant_tensor=True))
    if kind == "tanh":
        return qnn.QuantTanh(bit_width=max(width, 2), return_quant_tensor=True)
    return qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat, bit_width=max(width, 2),
                             return_quant_tensor=True)


def settle(network: nn.Module, x: torch.Tensor, numbers: np.random.Generator) -> None:
    """Scales and running statistics from samples, and norms that are not the identity."""
    network.train()
    for _ in range(3):
        network(x)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data = torch.tensor(numbers.normal(1, .5, module.num_features),
                                              dtype=torch.float32)
            module.bias.data = torch.tensor(numbers.normal(0, .5, module.num_features),
                                            dtype=torch.float32)
    network.eval()


def brevitas_file(seed: int, path: Path) -> np.ndarray:
    from brevitas.export import export_onnx_qcdq, export_qonnx

    pick = random.Random(seed).choice
    numbers = np.random.default_rng(seed)
    torch.manual_seed(seed)
    channels, size, qcdq = pick([1, 3]), pick([4, 6]), seed % 3 == 2
    network = brevitas_network(pick, channels, size, qcdq=qcdq)
    x = torch.tensor(numbers.normal(size=(16, channels, size, size)), dtype=torch.float32)
    settle(network, x, numbers)
    export = export_onnx_qcdq if qcdq else export_qonnx
    export(network, x[:1], export_path=str(path), dynamo=False)
    return x.numpy()[:8]


class Plain(nn.Module):
    """A float network for torch's own quantization."""

    def __init__(self, pick: Callable, channels: int, size: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4) if pick([True, False]) else nn.Identity()
        self.second = nn.Conv2d(4, 4, 3, padding=1) if pick([True, False]) else None
        self.pool = pick([nn.MaxPool2d(2), nn.AvgPool2d(2)])
        self.last = nn.Linear(4 * (size // 2)**2, 4)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        if self.second is not None:
            x = torch.relu(self.second(x) + x)
        return self.last(torch.flatten(self.pool(x), 1))


def pt2e_file(seed: int, path: Path) -> np.ndarray:
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
    from torchao.quantization.pt2e.quantizer.x86_inductor_quantizer import (
        X86InductorQuantizer,
        get_default_x86_inductor_quantization_config,
    )

    pick = random.Random(seed).choice
    numbers = np.random.default_rng(seed)
    torch.manual_seed(seed)
    channels, size = pick([1, 3]), pick([4, 6])
    x = torch.tensor(numbers.normal(size=(16, channels, size, size)), dtype=torch.float32)
    network = Plain(pick, channels, size)
    network(x)
    exported = torch.export.export(network.eval(), (x[:1],)).module()
    quantizer = X86InductorQuantizer()
    quantizer.set_global(get_default_x86_inductor_quantization_config())
    prepared = prepare_pt2e(exported, quantizer)
    for k in range(16):
        prepared(x[k:k + 1])
    torch.onnx.export(convert_pt2e(prepared), (x[:1],), str(path), dynamo=True, opset_version=18,
                      external_data=False, verbose=False)
    return x.numpy()[:8]


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30
    folder.mkdir(parents=True, exist_ok=True)
    for kind, make in (("brevitas", brevitas_file), ("pt2e", pt2e_file)):
        for seed in range(count if kind == "brevitas" else count // 3):
            path = folder / f"{kind}-{seed:03}.onnx"
            try:
                x = make(seed, path)
            except Exception as e:
                path.unlink(missing_ok=True)
                print(f"{path.stem}: not exported: {type(e).__name__}: {str(e)[:200]}")
                continue
            np.savez(path.with_suffix(".npz"), x=x)


if __name__ == "__main__":
    main()
