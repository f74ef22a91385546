"""Figures that others have published for the same tasks, each with its source.

``Read`` says where a figure was read: in the source itself, or in another paper's or study's table.
"""

from typing import NamedTuple

__all__ = ["PUBLISHED", "Figure"]


class Figure(NamedTuple):
    """One published implementation; texts as in the source, empty where it does not say."""

    system: str
    chip: str
    accuracy: str
    luts: str
    rate: str
    """Inferences a second, or the clock and the latency."""
    energy: str
    source: str
    read: str = "there"


FINN = "Umuroglu et al., FINN, [arXiv 1612.07119](https://arxiv.org/abs/1612.07119), abstract"
NEURALUT = ("Andronic, Constantinides, NeuraLUT, "
            "[arXiv 2403.00849](https://arxiv.org/abs/2403.00849), table III")
STUDY = "second-hand, in a public study that transcribed the table"
BREVITAS = "Brevitas, `src/brevitas_examples/bnn_pynq/README.md`"
TINY = "MLPerf Tiny {}, `{}`, results.txt"
JETS = "FINNAS, [arXiv 2609.16367](https://arxiv.org/abs/2609.16367), table II"
COMPARED = "in that paper's comparison"
POCKET = "[marph91/pocket-bnn](https://github.com/marph91/pocket-bnn), README"
PYNQ = "Xilinx/BNN-PYNQ, training README"
FINN_TINY = TINY.format("v0.7", "open/hls4ml-finn")
PUBLISHED: dict[str, tuple[Figure, ...]] = {
    "mnist": (
        Figure("FINN SFC-max, binary", "ZC706 (Zynq 7045)", "95.8 %", "", "12.3 M/s, 0.31 µs",
               "under 25 W, whole board", FINN),
        Figure("FINN SFC-max, binary", "ZC706 (Zynq 7045)", "96 %", "91,131", "200 MHz, 310 ns", "",
               NEURALUT, STUDY),
        Figure("hls4ml, ternary", "", "95 %", "260,092", "200 MHz, 190 ns", "", NEURALUT, STUDY),
        Figure("PolyLUT HDR", "", "96 %", "70,673", "378 MHz, 16 ns", "", NEURALUT, STUDY),
        Figure("NeuraLUT HDR-5L", "", "96 %", "54,798", "431 MHz, 12 ns", "", NEURALUT, STUDY),
        Figure("TreeLUT (trees, no network)", "Virtex UltraScale+", "97 %", "4,478", "", "",
               "Khataei, Bazargan, TreeLUT, [arXiv 2501.01511](https://arxiv.org/abs/2501.01511)",
               STUDY),
        Figure("pocket-bnn, binary, open tools", "ULX3S (ECP5)", "75 %", "17,276 slices",
               "25 MHz (at most 132)", "", POCKET),
        Figure("BNN-PYNQ LFC, 1-bit weights, 1-bit and 2-bit activations", "", "98.35 %, 98.55 %",
               "", "", "", PYNQ),
        *(Figure(f"{net}, weights and activations of 1 and 1, 1 and 2, 2 and 2 bits", "",
                 accuracy, "", "", "", BREVITAS) for net, accuracy in (
                     ("TFC", "93.17, 94.79, 96.60 %"), ("SFC", "97.81, 98.31, 98.66 %"))),
        Figure("LFC, weights and activations of 1 and 1, 1 and 2 bits", "", "98.88, 98.99 %", "",
               "", "", BREVITAS)),
    "kws": (
        Figure("FINN KWS-W3A3", "Pynq-Z2", "82.5 %", "", "57,268/s", "30.7 µJ", FINN_TINY),
        Figure("FINN KWS-W3A3", "Arty A7-100T", "82.5 %", "", "30,152/s", "53.7 µJ", FINN_TINY),
        *(Figure("fpgaConvNet, depthwise separable", board, "91.0 %", "", f"{rate}/s", "",
                 TINY.format("v1.1", "fpgaConvNet")) for board, rate in (
                     ("Cora-Z7", 237), ("Zybo", 465)))),
    "jets": (
        *(Figure(system, "mostly VU9P", f"{accuracy} %", luts, f"{mhz} MHz, {ns} ns", "", JETS,
                 COMPARED) for system, accuracy, luts, mhz, ns in (
            ("NeuraLUT-Assemble", 75.0, "8,539", 352, 5.7),
            ("PolyLUT-Add", 75.0, "36,484", 315, 15.9), ("PolyLUT", 75.1, "246,071", 203, 24.6),
            ("NeuraLUT", 75.0, "92,357", 368, 13.6), ("LogicNets", 71.8, "37,931", 427, 11.7),
            ("FINN, dense, all in parallel", 73.78, "57,893", 418, 110),
            ("FINN, 70 % pruned", 73.25, "10,102", 678, 59))),
        *(Figure("HGQ", "VU13P", f"{accuracy} %", luts, f"{mhz} MHz, {ns} ns", "", JETS, COMPARED)
          for accuracy, luts, mhz, ns in ((75.3, "10,921", 578, 31.1), (75.1, "5,974", 610, 24.6))),
        Figure("QKeras and hls4ml", "", "74.8 %", "39,782 and 124 DSPs", "about 200 MHz, 55 ns", "",
               JETS, COMPARED))}
"""Figures by task. LUTs of these chips have six inputs, where this page's have four."""
