"""Limits of inputs: files, archives, numbers, networks and boards.

An input that exceeds a limit is refused with a one-line error. ``docs/reference/limits.md`` lists
the limits, and a test compares that page with this file."""

KB, MB, GB = 1 << 10, 1 << 20, 1 << 30

FILE_BYTES = 2 * GB
"""Bytes of a TFLite file, or of an ONNX file and all its external data together."""
ARCHIVE_BYTES = 1 * GB
"""Bytes of all members of an ``.npz`` file, unpacked, by the archive's directory."""
ARCHIVE_MEMBERS = 10_000
"""Members of an ``.npz`` file."""
TEXT_BYTES = 8 * MB
"""Bytes of a ``model.toml`` or of a JSON file of folds."""
LIBRARY_BYTES = 256 * MB
"""Bytes of a Liberty file, unpacked."""
TEXT_NESTING = 64
"""Levels of nested tables, arrays and objects in a TOML or JSON file."""

ELEMENTS = 1 << 26
"""Elements of a tensor in a file."""
LAYER_ELEMENTS = 1 << 23
"""Elements of a layer's output, and pixels of an image with its pads."""
NETWORK_ELEMENTS = 1 << 27
"""Elements of the outputs of all layers together."""
CHANNELS = 1 << 20
"""Channels of a layer's output, its last dimension."""
THRESHOLDS = 1 << 22
"""Thresholds of all channels of a layer."""
DIMENSIONS = 16
"""Dimensions of a tensor in a file."""
NODES = 100_000
"""Nodes of an ONNX graph, operators and tensors of a TFLite file, and layers of a description."""
NAME = 2_000
"""Characters of a name in an ONNX or TFLite file."""

INTEGER_BITS = 63
"""Bits of an integer in a TOML or JSON file, besides its sign."""
TABLE_BITS = 32
"""Bits of an integer in the table of a layer's codes, such as a codebook."""
DIGITS = 400
"""Characters of a number that is written as text."""
EXPONENT = 128
"""A scale is from 2**-EXPONENT to 2**EXPONENT, and a float weight is not larger."""

FOLD_ELEMENTS = 1 << 24
"""Elements of a constant that an ONNX node makes of others."""
FOLD_SECONDS = 8
"""Seconds of processor time in a process of its own to compute the constants of an ONNX file."""
FOLD_WAIT = 12
"""Seconds to wait for one of these constants."""
FOLD_BYTES = 1 * GB
"""Bytes of memory of that process."""

BOARD_BYTES = 16 * MB
"""Bytes of a sample or an answer that a board may say it takes or gives."""
