"""Small networks with code of their own in forward()."""

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two convolutions beside a shortcut; one module is both activations."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.down = None
        if stride > 1 or inputs != outputs:
            self.down = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                                      nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.down is None else self.down(x)
        return self.relu(y)


class Res(nn.Module):
    """A residual network of functions and modules."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, 2, 1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1), Block(4, 8, 2))
        self.drop = nn.Dropout(.1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = functional.relu(self.bn(self.stem(x)))
        x = functional.adaptive_avg_pool2d(self.layer1(x), 1)
        x = self.drop(x.view(x.size(0), -1))
        return functional.log_softmax(self.fc(x), dim=1)


class Mobile(nn.Module):
    """Depthwise and pointwise convolutions without an activation between blocks; a concatenation,
    a mean, and dense layers behind an image."""

    def __init__(self):
        super().__init__()
        self.expand = nn.Conv2d(2, 6, 1)
        self.depth = nn.Conv2d(6, 6, 3, padding="same", groups=6)
        self.point = nn.Conv2d(6, 4, 1)
        self.bn = nn.BatchNorm2d(4)
        self.next = nn.Conv2d(6, 4, 2, 2, bias=False)
        self.hidden = nn.Linear(16, 6)
        self.out = nn.Linear(6, 3)

    def forward(self, x):
        y = functional.relu6(self.expand(x))
        y = self.bn(self.point(functional.relu6(self.depth(y))))
        y = functional.max_pool2d(functional.relu(y), 2)
        y = self.next(torch.cat([y, functional.avg_pool2d(x, 2)], dim=1))
        return self.out(functional.relu(self.hidden(y.flatten(1))))


class Keyword(nn.Module):
    """Convolutions of one dimension and a mean over time."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm1d(6)
        self.conv2 = nn.Conv1d(6, 6, 3, groups=6, dilation=2, padding=2)
        self.fc = nn.Linear(6, 4)

    def forward(self, x):
        x = functional.max_pool1d(functional.relu(self.bn(self.conv(x))), 2)
        return self.fc(functional.relu(self.conv2(x)).mean(2))
