"""Vectors from a safetensors file: one matrix, whose rows are those of a list of words."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy
import safetensors
import torch

from zoo_core.data.files.sources import open_source
from zoo_core.errors import DataError
from zoo_core.messages import pluralize, shorten
from zoo_sequences.pretrained.blocks import BLOCK_BYTES, whole_lines
from zoo_sequences.pretrained.lines import Vectors, wrong_size

ROWS = 1 << 14  # that are read at once
DTYPES = ("F16", "BF16", "F32", "F64")
WORDS = "words"  # the key of the metadata
HINT = 'store the words as a JSON list in the metadata "words", or one a line in {}'


def read_safetensors(name: str, words: Collection[str], dimensions: int) -> Vectors:
    """The vectors of these words. Raises DataError if the file has no matrix of such vectors with a word for each."""
    with open_source(name):  # says if it is missing, or a folder
        pass
    try:
        with safetensors.safe_open(name, framework="pt") as file:
            return _read(file, name, words, dimensions)
    except (safetensors.SafetensorError, ValueError, RuntimeError) as error:
        raise DataError(f"not a safetensors file of vectors: {error}", where=name) from None


def _read(file: Any, name: str, words: Collection[str], dimensions: int) -> Vectors:
    shapes = {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118  # no mapping
    matrices = [key for key, shape in shapes.items() if len(shape) == 2]
    if len(matrices) != 1:
        raise DataError(f"expected one matrix of vectors, got {len(matrices)}", where=name)
    matrix = file.get_slice(matrices[0])
    rows, size = shapes[matrices[0]]
    if size != dimensions:
        raise wrong_size(size, dimensions, name)
    if matrix.get_dtype() not in DTYPES:
        raise DataError(f"the vectors are {matrix.get_dtype()}, expected {', '.join(DTYPES)}", where=name)
    listed, source = _listed_words(file.metadata() or {}, name, rows)
    if len(listed) != rows:
        raise DataError(f"{source} has {pluralize(len(listed), 'word')} for {pluralize(rows, 'vector')}", where=name)
    places: dict[str, int] = {}
    for row, word in enumerate(listed):
        places.setdefault(word, row)
    needed = {places[word]: word for word in words if word in places}
    found: Vectors = {}
    for start in range(0, rows, ROWS):
        wanted = [row for row in range(start, min(start + ROWS, rows)) if row in needed]
        if wanted:
            block = matrix[start : start + ROWS].to(torch.float32)
            for row in wanted:
                vector = block[row - start].numpy().copy()
                if not numpy.isfinite(vector).all():
                    shown = shorten(needed[row], 40)
                    raise DataError(f'not a finite number in the vector of "{shown}", row {row + 1}', where=name)
                found[needed[row]] = vector
    return found


def _listed_words(metadata: dict[str, str], name: str, rows: int) -> tuple[list[str], str]:
    """The words of the rows, and where they stand. Raises DataError for a text file of more than `rows`."""
    beside = Path(name).with_suffix(".txt")
    if WORDS in metadata:
        try:
            listed = json.loads(metadata[WORDS])
        except (ValueError, RecursionError):
            listed = None
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            raise DataError('the metadata "words" is not a JSON list of words', where=name)
        return listed, 'the metadata "words"'
    if not beside.is_file():
        raise DataError("no words for the vectors", where=name, hint=HINT.format(beside.name))
    lines: list[bytes] = []
    with open_source(str(beside)) as stream:
        for block in whole_lines(iter(lambda: stream.read(BLOCK_BYTES), b""), str(beside)):
            if len(lines) + block.count(b"\n") > rows:
                message = f"{beside.name} has more words than the {pluralize(rows, 'vector')}"
                raise DataError(message, where=name)
            lines += [line.removesuffix(b"\r") for line in block.split(b"\n")[:-1]]
    for number, line in enumerate(lines, start=1):
        if not _is_utf8(line):
            raise DataError("not UTF-8", where=f"{beside}:{number}")
    return [line.decode("utf-8") for line in lines], beside.name


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
