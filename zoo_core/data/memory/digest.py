"""The hash of a table in memory."""

from __future__ import annotations

from hashlib import sha256

import polars as pl

SLICE_ROWS = 65536  # hashed at once


def content_sha256(frame: pl.DataFrame) -> str:
    """The SHA-256 of the names and values of columns of strings, whatever their order."""
    digest = sha256()
    for name in sorted(frame.columns):
        lengths, texts = sha256(), sha256()
        for part in frame[name].to_frame().iter_slices(SLICE_ROWS):
            column = part.to_series()
            lengths.update(column.str.len_bytes().to_numpy().astype("<u4").tobytes())
            texts.update(column.str.join("").item().encode())
        digest.update(f"{len(name)} {name} {frame.height} {lengths.hexdigest()} {texts.hexdigest()}\n".encode())
    return digest.hexdigest()
