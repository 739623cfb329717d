"""The file of a checkpoint: tensors and plain values in the safetensors format, sealed by a hash over every byte.

The hash is in the header of the file, and is computed with zeros in its own place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from zoo_core.training.state_encoding import decode_state, encode_state

ZEROS = b"0" * 64
SEAL = re.compile(rb'"seal":"([0-9a-f]{64})"')  # inside the header's strings, quotes are escaped
MAX_HEADER_BYTES = 32 * 1024 * 1024
LENGTH_BYTES = 8  # of the header's length, at the start of the file


def encode_checkpoint(content: Mapping[str, Any]) -> bytes:
    """Encode plain values and tensors. Raises TypeError for other values, ValueError for too many plain ones."""
    tensors: dict[str, Tensor] = {}
    metadata = {"seal": ZEROS.decode(), "state": json.dumps(encode_state(content, tensors))}
    data = bytearray(safetensors.torch.save(tensors, metadata=metadata))
    start, _ = _find_seal(data)
    data[start : start + len(ZEROS)] = sha256(data).hexdigest().encode()
    return bytes(data)


def decode_checkpoint(data: bytes) -> Any:
    """Decode what `encode_checkpoint` returned. Raises ValueError if a single bit differs."""
    start, header = _find_seal(data)
    digest = sha256(memoryview(data)[:start])
    digest.update(ZEROS)
    digest.update(memoryview(data)[start + len(ZEROS) :])
    if digest.hexdigest().encode() != data[start : start + len(ZEROS)]:
        raise ValueError("its content does not match its hash")
    try:
        state = json.loads(json.loads(header)["__metadata__"]["state"])
        return decode_state(state, safetensors.torch.load(data))
    except (safetensors.SafetensorError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"invalid content: {error}") from None


def _find_seal(data: bytes | bytearray) -> tuple[int, bytes]:
    """The position of the hash in the file, and the header. Raises ValueError for a file without one of each."""
    end = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "little")
    if not LENGTH_BYTES < end <= min(len(data), MAX_HEADER_BYTES):
        raise ValueError("its header is incomplete or too long")
    header = bytes(data[LENGTH_BYTES:end])
    found = [match.start(1) for match in SEAL.finditer(header)]
    if len(found) != 1:
        raise ValueError("its header has no hash")
    return LENGTH_BYTES + found[0], header
