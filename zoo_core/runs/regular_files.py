"""Files of a run or a swap, read without trust: regular ones only, through no link, of bounded size."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from zoo_core.data.files.parts import split_part
from zoo_core.errors import DataError, RunFolderError
from zoo_core.filesystem.reading import file_kind, read_bounded

MEBIBYTE = 1 << 20
MAX_BYTES = 16 * MEBIBYTE  # of a file that is not named here
MAX_BYTES_BY_NAME = {
    "manifest.json": MEBIBYTE,
    "recipe.toml": MEBIBYTE,
    "encoder.json": 256 * MEBIBYTE,  # a vocabulary
    "metrics.jsonl": 256 * MEBIBYTE,  # a line for each epoch
    "validation.safetensors": 96 * MEBIBYTE,  # its scores and targets have a largest size
}
MAX_TENSOR_BYTES = 1 << 40  # the memory that is available is less
LENGTH_BYTES = 8  # of a file of tensors: the length of its header
MAX_HEADER_BYTES = 16 * MEBIBYTE


def read_regular_file(path: Path, *, max_bytes: int | None = None) -> bytes:
    """Read a file. Raises RunFolderError for a link, a pipe, a device, and a file of more than `max_bytes`.

    The default of `max_bytes` depends on the name of the file. InputOutputError if the memory does not suffice.
    """
    if max_bytes is None:
        is_tensor_file = path.suffix == ".safetensors"
        max_bytes = MAX_BYTES_BY_NAME.get(path.name, MAX_TENSOR_BYTES if is_tensor_file else MAX_BYTES)
    try:
        if path.suffix == ".safetensors":
            _require_declared_size(path, max_bytes)
        return read_bounded(path, max_bytes, RunFolderError)
    except FileNotFoundError:
        raise RunFolderError("the file is missing", where=str(path)) from None
    except OSError as error:
        is_link = error.errno == errno.ELOOP
        reason = "symbolic links are not allowed" if is_link else f"cannot read the file: {error.strerror or error}"
        raise RunFolderError(reason, where=str(path)) from None


def _require_declared_size(path: Path, max_bytes: int) -> None:
    """Raise RunFolderError unless a file of tensors has the size that its header says, before the rest is read.

    Source: the format of safetensors, https://huggingface.co/docs/safetensors
    """
    size = path.lstat().st_size
    length = int.from_bytes(read_bounded(path, max_bytes, RunFolderError, first_bytes=LENGTH_BYTES), "little")
    try:
        if size <= LENGTH_BYTES or not 0 < length <= min(MAX_HEADER_BYTES, size):
            raise ValueError("no header")
        start = read_bounded(path, max_bytes, RunFolderError, first_bytes=LENGTH_BYTES + length)
        header = json.loads(start[LENGTH_BYTES:])
        ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
        if size != LENGTH_BYTES + length + max(ends, default=0):
            raise ValueError("the header does not describe its size")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise RunFolderError(f"not a safetensors file: {error}", where=str(path)) from None


def require_data_files(names: Iterable[str], hint: str) -> None:
    """Raise DataError unless each of the data files that a run names is a regular file or a folder.

    A user may name a pipe, a device or a pattern; what a file says may wait forever, or never end.
    """
    for name in names:
        try:
            mode = os.stat(split_part(name)[0]).st_mode  # noqa: PTH116
        except FileNotFoundError:
            raise DataError("the file that the run was trained on is missing", where=name, hint=hint) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"cannot read the file that the run was trained on: {reason}", where=name) from None
        if name == "-" or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            kind = "the name of standard input" if name == "-" else f"a {file_kind(mode)}"
            raise DataError(f"expected the file that the run was trained on, got {kind}", where=name, hint=hint)
