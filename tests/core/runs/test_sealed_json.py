"""Sealed JSON: a single bit that differs is found; only regular files of an expected size are read."""

from __future__ import annotations

import os

import pytest

from zoo_core.errors import RunFolderError
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.sealed_json import parse_sealed_json, read_sealed_json, to_sealed_json
from zoo_core.runs.store import to_json

VALUES = {"name": "a", "seeds": [1, 2], "식당": None}


def test_every_flipped_bit_and_every_shorter_file_is_found(tmp_path):
    data = to_sealed_json(VALUES)
    assert parse_sealed_json(data, tmp_path) == VALUES
    flipped = (bytes([*data[:at], data[at] ^ 1 << bit, *data[at + 1 :]]) for at in range(len(data)) for bit in range(8))
    for damaged in [*flipped, *(data[:size] for size in range(len(data))), data + b"\n", to_json(VALUES), b"[]"]:
        with pytest.raises(RunFolderError):
            parse_sealed_json(damaged, tmp_path)


def test_reads_regular_files_of_an_expected_size_only(tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(RunFolderError, match="missing"):
        read_sealed_json(path)
    path.write_bytes(to_sealed_json(VALUES))
    assert read_sealed_json(path) == VALUES
    os.truncate(path, 2**40)
    with pytest.raises(RunFolderError, match="larger than 64 MiB"):
        read_sealed_json(path)
    with pytest.raises(RunFolderError, match="not a regular file"):
        read_regular_file(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_follows_no_link_and_waits_for_no_pipe(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("link", "symbolic links"), ("pipe", "not a regular file")):
        with pytest.raises(RunFolderError, match=message):
            read_regular_file(tmp_path / name)
