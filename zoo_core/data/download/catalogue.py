"""The catalogue of public data sets, and the table that the files of a data set make."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, frozen

from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import name_hint

if TYPE_CHECKING:
    import polars as pl

CATALOGUE_PATH = Path(__file__).with_name("catalogue.toml")
SPLIT_ORDER = ("train", "val", "test", "")


@frozen
class DownloadSource:
    """The URL of a file and its published checksum, "sha256:…" or "md5:…"."""

    url: str
    hash: str


@frozen
class DatasetFile:
    """A file by its name in the cache, its sources, and its split; "" if the names of its members give the split."""

    name: str
    sources: tuple[DownloadSource, ...]
    split: str = ""


@frozen
class Dataset:
    """A data set of the catalogue; the comment in `catalogue.toml` explains the fields."""

    name: str
    about: str
    rows: int
    megabytes: int
    unpacked: int
    terms: str
    page: str
    cite: str
    kind: Literal["csv", "tsv", "text"]
    label: str
    classes: Mapping[str, str]
    files: tuple[DatasetFile, ...]
    columns: tuple[str, ...] = ()
    members: str = ""
    line_breaks: bool = False


@frozen
class FileContent:
    """A file, or a member of an archive, that belongs to a data set; `location` names it in messages."""

    split: str
    label: str
    data: bytes
    location: str


def load_catalogue() -> dict[str, Dataset]:
    """All data sets by name."""
    with CATALOGUE_PATH.open("rb") as stream:
        return {name: _parse_dataset(name, table) for name, table in sorted(tomllib.load(stream).items())}


def find_dataset(name: str) -> Dataset:
    """The data set of this name; RecipeError with a suggestion if there is none."""
    datasets = load_catalogue()
    if name not in datasets:
        raise RecipeError(f'unknown data set "{name}"', hint=name_hint(name, datasets))
    return datasets[name]


def build_table(dataset: Dataset, paths: Mapping[str, Path]) -> pl.DataFrame:
    """One table of a data set's files, whose `paths` are given by name: its columns, and its splits if it has any.

    Raises DataError for an archive that is not safe to unpack, and for rows that contradict the catalogue.
    """
    import polars as pl

    parts = list(_iter_text_tables(dataset, paths) if dataset.kind == "text" else _iter_tables(dataset, paths))
    if not parts:
        raise DataError("the archive has no files of the data set", where=str(next(iter(paths.values()))))
    parts.sort(key=lambda part: SPLIT_ORDER.index(part[0]))
    frame = pl.concat([table for _, table in parts])
    labels = frame[dataset.label]
    unknown = labels.is_in(list(dataset.classes)).not_().arg_true()
    if len(unknown):
        raise DataError(f'row {unknown[0] + 1}: unknown class "{labels[unknown[0]]}"', where=dataset.name)
    frame = frame.with_columns(labels.replace(dict(dataset.classes)))
    if dataset.line_breaks:
        frame = frame.with_columns(pl.exclude(dataset.label).str.replace_all(r"\n", "\n", literal=True))
    if any(split for split, _ in parts):
        splits = pl.concat([pl.repeat(split, table.height, eager=True) for split, table in parts])
        frame = frame.with_columns(splits.alias("split"))
    return frame


def _parse_dataset(name: str, table: dict[str, Any]) -> Dataset:
    files = tuple(
        DatasetFile(file["name"], tuple(DownloadSource(**source) for source in file["sources"]), file.get("split", ""))
        for file in table.pop("files")
    )
    return Dataset(name=name, files=files, columns=tuple(table.pop("columns", ())), **table)


def _iter_tables(dataset: Dataset, paths: Mapping[str, Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The split and the table of each file that has a table."""
    from zoo_core.data.files.delimited import parse_delimited

    separator = "," if dataset.kind == "csv" else "\t"
    header = (
        separator.join(dataset.columns).encode() + b"\n"
    )  # put first, since a file with a header is parsed natively
    for content in _iter_contents(dataset, paths):
        with _locate_errors(content.location):
            table = parse_delimited(header + content.data, separator=separator, quoting=dataset.kind == "csv")
        yield content.split, table


def _iter_text_tables(dataset: Dataset, paths: Mapping[str, Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each split and the table of its files, which have one text each."""
    import polars as pl

    rows_by_split: dict[str, list[tuple[str, str]]] = {}
    for content in _iter_contents(dataset, paths):
        with _locate_errors(content.location):
            rows_by_split.setdefault(content.split, []).append((content.label, content.data.decode("utf-8")))
    for split, rows in rows_by_split.items():
        yield split, pl.DataFrame(rows, schema={dataset.label: pl.String, "text": pl.String}, orient="row")


def _iter_contents(dataset: Dataset, paths: Mapping[str, Path]) -> Iterator[FileContent]:
    """The files of a data set and the members of its archives."""
    from zoo_core.data.download.archives import archive_members

    for file in dataset.files:
        path = paths[file.name]
        if not dataset.members:
            yield FileContent(file.split, "", path.read_bytes(), str(path))
            continue
        for match, data in archive_members(path, dataset.members, max_bytes=dataset.unpacked * 1_000_000):
            groups = match.groupdict()
            split, label = groups.get("split") or file.split, groups.get("label") or ""
            yield FileContent(split, label, data, f"{path}: {match[0]}")


@contextmanager
def _locate_errors(location: str) -> Iterator[None]:
    """Put this location into the errors of parsing a file."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 (byte 0x{error.object[error.start]:02x})", where=location) from None
    except DataError as error:  # its line number is dropped: the added header shifts it
        raise DataError(*(evolve(problem, where=location) for problem in error.problems)) from None
