"""Files of vectors, as text (GloVe, word2vec, fastText) or safetensors.

A file is read from its first byte to its last, a block at a time. Only the vectors of the words that are needed are
parsed and kept; of the other lines, the word and the number of numbers are checked.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from attrs import frozen

from zoo_core.data.files.sources import open_source
from zoo_core.data.settings.files import require_file
from zoo_sequences.pretrained.blocks import HashedBlocks, whole_lines
from zoo_sequences.pretrained.compressed_streams import decompressed
from zoo_sequences.pretrained.lines import LineReader, Vectors

SAFETENSORS = ".safetensors"


@frozen(eq=False)
class PretrainedVectors:
    """The vectors that a file has of the words that were asked for, each `(dimensions,)` float32, and its SHA-256."""

    vectors: Vectors
    sha256: str


def read_vectors(name: str, words: Collection[str], dimensions: int) -> PretrainedVectors:
    """Read the vectors of these words from a file, which may be compressed with gzip, bzip2 or zstd.

    Raises DataError, with the line, for a file that is missing, cut, not UTF-8, or not of vectors with so many numbers,
    and InputOutputError if it cannot be read. A word with two vectors gets the first, with a warning.
    """
    require_file(name)
    if Path(name).suffix == SAFETENSORS:
        from zoo_sequences.pretrained.safetensors_files import read_safetensors

        found = read_safetensors(name, words, dimensions)
        with open_source(name) as stream:
            return PretrainedVectors(found, HashedBlocks(stream).sha256())
    with open_source(name) as stream:
        raw = HashedBlocks(stream)
        lines = LineReader(name, dimensions, words)
        for block in whole_lines(decompressed(iter(raw), name, os.fstat(stream.fileno()).st_size), name):
            lines.read(block)
        lines.finish()
        return PretrainedVectors(lines.found, raw.sha256())
