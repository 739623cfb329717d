"""Damaged data files of every format: each is read or rejected, without an abort, a hang or much memory.

python -m benchmarks.fuzz_data_files [FORMAT…] [--inputs 10000] [--seed 0]

Valid files are small; bytes are flipped, cut, moved, repeated, and numbers in them replaced by extreme ones. Every
input that ends otherwise is written to the working folder.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import lzma
import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import zstandard

from zoo_core.config.zoo import open_zoo
from zoo_core.data.files.chunks import read_chunks
from zoo_core.data.files.detection import detect_reader
from zoo_core.errors import DataError
from zoo_core.memory import peak_memory
from zoo_core.plugins.registry import Registry

MAX_SECONDS = 10.0  # for an input
MAX_BYTES = 2 << 30  # of memory, of this process and of its children
NUMBERS = (0, 1, -1, 127, 128, 255, 2**15, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1)
FRAME = pl.DataFrame(
    {
        "text": ["good food", 'bad, "cold" food', "café ☕", "", None, "good food"] * 4,
        "label": ["a", "b"] * 12,
        "number": [1.5, None, -3.0, 1e300, 0.0, 7.0] * 4,
        "count": range(24),
        "tags": [["x"], [], None, ["y", "z"]] * 6,
    }
)
PLAIN = FRAME.drop("tags").with_columns(pl.all().cast(pl.String).fill_null(""))


def written(write: str, frame: pl.DataFrame = FRAME, **options: Any) -> bytes:
    """A file as polars writes it."""
    stream = io.BytesIO()
    getattr(frame, write)(stream, **options)
    return stream.getvalue()


def sound_files() -> dict[str, tuple[str, list[bytes]]]:
    """Sound files of every format, and the suffix of each."""
    csv, jsonl = written("write_csv", PLAIN), written("write_ndjson", PLAIN)
    csv_or_jsonl = (csv, jsonl, written("write_csv", PLAIN[:3]))
    packings = ("uncompressed", "snappy", "zstd", "gzip", "lz4")
    return {
        "parquet": (".parquet", [written("write_parquet", compression=name, row_group_size=10) for name in packings]),
        "arrow": (".arrow", [written("write_ipc", compression=name) for name in ("uncompressed", "lz4", "zstd")]),
        "arrow-stream": (".arrow", [written("write_ipc_stream", compression=name) for name in ("uncompressed", "lz4")]),
        "zstd": (".zst", [data for text in csv_or_jsonl for data in _zstd_files(text)]),
        "gzip": (
            ".gz",
            [gzip.compress(text) for text in csv_or_jsonl] + [gzip.compress(csv[:90]) + gzip.compress(csv[90:])],
        ),
        "bzip2": (
            ".bz2",
            [bz2.compress(text) for text in csv_or_jsonl] + [bz2.compress(csv[:90]) + bz2.compress(csv[90:])],
        ),
        "xz": (
            ".xz",
            [lzma.compress(text) for text in csv_or_jsonl] + [lzma.compress(csv[:90]) + lzma.compress(csv[90:])],
        ),
        "csv": (".csv", [csv, csv.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + csv]),
        "tsv": (".tsv", [written("write_csv", PLAIN, separator="\t")]),
        "utf-16": (".csv", [csv.decode().encode("utf-16")]),
        "json": (".json", [written("write_json", PLAIN)]),
        "jsonl": (".jsonl", [jsonl]),
        "fasttext": (".ft", [b"__label__a good food\n__label__b bad food\n" * 5]),
    }


def _zstd_files(text: bytes) -> list[bytes]:
    compress = zstandard.ZstdCompressor().compress
    skipped = struct.pack("<II", 0x184D2A50, 5) + b"words"
    stream = zstandard.ZstdCompressor().compressobj()
    unsized = stream.compress(text) + stream.flush()
    return [compress(text), skipped + compress(text[:50]) + skipped + compress(text[50:]) + skipped, unsized]


def damage(data: bytes, draw: random.Random) -> bytes:
    """One to four changes of a file, most of them where formats have their lengths: at its ends."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        size = len(changed)
        if not size:
            break
        at = draw.choice((draw.randrange(size), max(0, size - 1 - draw.randrange(400)), draw.randrange(min(size, 64))))
        at = min(at, size - 1)
        stop = min(size, at + draw.choice((1, 2, 4, 8, 30, 200)))
        match draw.randrange(8):
            case 0 | 1:
                changed[at] = draw.randrange(256)
            case 2:
                changed[at] ^= 1 << draw.randrange(8)
            case 3:
                width, number = draw.choice((1, 2, 4, 8)), draw.choice(NUMBERS)
                changed[at : at + width] = (number % 256**width).to_bytes(width, draw.choice(("little", "big")))
            case 4:
                changed[at : at + 1] = _varint(draw.choice(NUMBERS) % 2**64)
            case 5:
                del changed[at:stop]
            case 6:
                to = draw.randrange(size)
                changed[to:to] = changed[at:stop] * draw.choice((1, 1, 3, 50))
            case 7:
                del changed[draw.choice((at, size - draw.randrange(min(size, 16)))) :]
    return bytes(changed)


def _varint(number: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def read_input(data: bytes, name: str, registry: Registry) -> str:
    """Read a file as commands do: "read" or "rejected"; any other exception is raised."""
    try:
        for _ in read_chunks(io.BytesIO(data).read, name, lambda head: detect_reader(name, head, registry), registry):
            pass
    except DataError as error:
        assert "\n" not in str(error)
        return "rejected"
    return "read"


def fuzz(name: str, inputs: int, registry: Registry, seed: int = 0) -> tuple[Counter[str], float]:
    """How so many inputs of a format ended, and the seconds of the slowest one."""
    suffix, files = sound_files()[name]
    draw, ends, slowest = random.Random(f"{name} {seed}"), Counter[str](), 0.0
    for data in files:
        assert read_input(data, f"sound{suffix}", registry) == "read", name
    for number in range(inputs):
        data = damage(draw.choice(files), draw)
        started = time.monotonic()
        try:
            end = read_input(data, f"damaged{suffix}", registry)
        except Exception as error:
            end = f"{type(error).__name__}: {str(error)[:80]}"
        seconds = time.monotonic() - started
        if end not in ("read", "rejected") or seconds > MAX_SECONDS:
            Path(f"fuzz-{name}-{seed}-{number}{suffix}").write_bytes(data)
        ends[end] += 1
        slowest = max(slowest, seconds)
    return ends, slowest


def children_memory() -> int:
    """The peak memory of the largest child that ended, in bytes; 0 where the system does not report it."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(report: Callable[[str], None] = print) -> None:
    """Fuzz the formats and report how the inputs ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("formats", nargs="*", default=list(sound_files()))
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    registry, has_failed = open_zoo().registry, False
    from zoo_core.data.files.columnar import DECODER

    for name in arguments.formats:
        started = time.monotonic()
        ends, slowest = fuzz(name, arguments.inputs, registry, arguments.seed)
        DECODER.close()
        memory = max(peak_memory() or 0, children_memory())
        has_failed |= bool(set(ends) - {"read", "rejected"}) or slowest > MAX_SECONDS or memory > MAX_BYTES
        counts = ", ".join(f"{count} {end}" for end, count in ends.most_common())
        report(f"{name}: {counts}; slowest {slowest:.2f} s, {memory >> 20} MiB, {time.monotonic() - started:.0f} s")
    sys.exit(has_failed)


if __name__ == "__main__":
    main()
