"""Tensors of ONNX files whose data is in a file beside the model."""

import hashlib
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import onnx
from onnx import TensorProto

from .. import limits

__all__ = ["External", "bytes_of"]

NARROW = {TensorProto.DataType.Value(name): bits for name, bits in (
    ("INT4", 4), ("UINT4", 4), ("FLOAT4E2M1", 4), ("INT2", 2), ("UINT2", 2))
    if name in TensorProto.DataType.keys()}     # noqa: SIM118
"""Bits of an element, where that is less than a byte."""
DIGITS = 19


def bytes_of(tensor: TensorProto) -> int:
    """Bytes that the tensor's values take."""
    bits = NARROW.get(tensor.data_type) or 8 * onnx.helper.tensor_dtype_to_np_dtype(
        tensor.data_type).itemsize
    return -(-prod(tensor.dims) * bits // 8)


@dataclass
class External:
    """The files beside a model in ``folder``, and how much was read of them."""

    folder: Path
    read: int = 0
    checked: dict[Path, str] = field(default_factory=dict)
    """SHA-1 of files."""

    def loaded(self, tensor: TensorProto) -> TensorProto:
        """The tensor with its data; ValueError if that is not to be had from a file in the
        folder."""
        about = {e.key: e.value for e in tensor.external_data}
        file = self._file(about.get("location", ""))
        size, count = file.stat().st_size, bytes_of(tensor)
        offset = _whole("offset", about.get("offset") or "0")
        length = _whole("length", about.get("length") or str(count))
        if length != count:
            raise ValueError(f"its shape {list(tensor.dims)} needs {count} bytes, and its external "
                             f"data has {length}")
        if offset + length > size:
            raise ValueError(f"its data are bytes {offset} to {offset + length} of {file.name!r}, "
                             f"which has {size}")
        self.read += length
        if self.read > limits.FILE_BYTES:
            raise ValueError(f"the external data has more than {limits.FILE_BYTES} bytes")
        self._check(file, about.get("checksum"))
        with file.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(length)
        made = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        made.raw_data = data
        return made

    def _file(self, location: str) -> Path:
        """A regular file in the folder, wherever links lead."""
        path = Path(location)
        outside = ValueError(f"its data {location[:80]!r} is outside the model's folder")
        if not location or path.is_absolute() or ".." in path.parts:
            raise outside
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder.resolve()):
            raise outside
        if not file.is_file():
            raise ValueError(f"its data file {location[:80]!r} is missing")
        return file

    def _check(self, file: Path, wanted: str | None) -> None:
        if wanted is None:
            return
        if file not in self.checked:
            with file.open("rb") as stream:
                self.checked[file] = hashlib.file_digest(stream, "sha1").hexdigest()
        if self.checked[file] != wanted.lower():
            raise ValueError(f"its data file {file.name!r} does not have the checksum that the "
                             f"model says")


def _whole(what: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise ValueError(f"the {what} {text[:40]!r} of its external data is no whole number")
    return int(text)
