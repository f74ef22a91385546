"""Files that PyTorch's own quantization makes: ``python sim/proof/exporters/torches.py DIR [N]``.

Exported programs (pt2e), annotated by the quantizers for x86 and for XNNPACK, through torch.onnx.
Runs where torch, torchao and onnxscript are installed, which need not be where qhw is. Each file
has its samples beside it.
"""

import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86
from torchao.testing.pt2e import _xnnpack_quantizer as xnnpack

warnings.simplefilter("ignore")


class Network(nn.Module):
    """A float network of drawn layers."""

    def __init__(self, pick: Callable, channels: int, size: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4) if pick([True, False]) else nn.Identity()
        self.function = pick([nn.ReLU, nn.ReLU, nn.Hardtanh, nn.ReLU6, nn.LeakyReLU])()
        self.second = pick([None, nn.Conv2d(4, 4, 3, padding=1),
                            nn.Conv2d(4, 4, 3, padding=1, groups=4)])
        self.concat = pick([True, False, False])
        self.pool = pick([nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(size // 2)])
        self.last = nn.Linear((8 if self.second and self.concat else 4) * (size // 2)**2, 4)

    def forward(self, x):
        x = self.function(self.norm(self.conv(x)))
        if self.second is not None:
            y = self.second(x)
            x = torch.cat([x, torch.relu(y)], 1) if self.concat else torch.relu(y + x)
        return self.last(torch.flatten(self.pool(x), 1))


def quantizer(pick: Callable):
    """A quantizer with its default configuration."""
    if pick([True, False]):
        return x86.X86InductorQuantizer().set_global(
            x86.get_default_x86_inductor_quantization_config())
    return xnnpack.XNNPACKQuantizer().set_global(
        xnnpack.get_symmetric_quantization_config(is_per_channel=pick([True, False])))


def export(seed: int, path: Path) -> np.ndarray:
    """Writes a network's file; returns its samples."""
    pick = random.Random(seed).choice
    torch.manual_seed(seed)
    channels, size = pick([1, 3]), pick([4, 6])
    x = torch.randn(16, channels, size, size)
    network = Network(pick, channels, size)
    network(x)
    exported = torch.export.export(network.eval(), (x[:1],)).module()
    prepared = prepare_pt2e(exported, quantizer(pick))
    for k in range(16):
        prepared(x[k:k + 1])
    torch.onnx.export(convert_pt2e(prepared), (x[:1],), str(path), dynamo=True, opset_version=18,
                      external_data=False, verbose=False)
    return x.numpy()[:8]


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        path = folder / f"pt2e-{seed:03}.onnx"
        try:
            x = export(seed, path)
        except Exception as e:
            path.unlink(missing_ok=True)
            print(f"{path.stem}: not exported: {type(e).__name__}: {str(e)[:200]}")
            continue
        np.savez(path.with_suffix(".npz"), x=x)


if __name__ == "__main__":
    main()
