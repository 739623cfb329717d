"""The public data sets there are to download, and how their files become one table."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import name_hint

if TYPE_CHECKING:
    import polars as pl

CATALOGUE_PATH = Path(__file__).with_name("catalogue.toml")
SPLIT_ORDER = ("train", "val", "test", "")


@frozen
class DownloadSource:
    """Where the bytes are, and their checksum: "sha256:…" or "md5:…", as it was published."""

    url: str
    hash: str


@frozen
class DatasetFile:
    """A file by its name in the cache, the split it holds ("": as its members say), and where to fetch it."""

    name: str
    sources: tuple[DownloadSource, ...]
    split: str = ""


@frozen
class Dataset:
    """One of the catalogue; `zoo_core/catalogue.toml` says what the fields are."""

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
    line_breaks: bool = field(default=False)


def load_catalogue() -> dict[str, Dataset]:
    """Every data set there is to download, by name."""
    with CATALOGUE_PATH.open("rb") as stream:
        return {name: _parse_dataset(name, table) for name, table in sorted(tomllib.load(stream).items())}


def find_dataset(name: str) -> Dataset:
    """The data set of this name; RecipeError with the nearest one."""
    known = load_catalogue()
    if name not in known:
        raise RecipeError(f'there is no data set "{name}" to download', hint=name_hint(name, known))
    return known[name]


def _parse_dataset(name: str, table: dict[str, Any]) -> Dataset:
    files = tuple(
        DatasetFile(one["name"], tuple(DownloadSource(**source) for source in one["sources"]), one.get("split", ""))
        for one in table.pop("files")
    )
    return Dataset(name=name, files=files, columns=tuple(table.pop("columns", ())), **table)


def build_table(dataset: Dataset, paths: Mapping[str, Path]) -> pl.DataFrame:
    """One table of a data set's files, whose `paths` are by name: its columns and, where it has them, its splits.

    DataError for an archive that is not safe to unpack, and for rows that are not as the catalogue says.
    """
    import polars as pl

    parts = list(_iter_texts(dataset, paths)) if dataset.kind == "text" else list(_iter_tables(dataset, paths))
    if not parts:
        raise DataError("none of its files is in the archive", where=str(next(iter(paths.values()))))
    order = sorted(range(len(parts)), key=lambda at: SPLIT_ORDER.index(parts[at][0]))
    splits = [parts[at][0] for at in order]
    frame = pl.concat([parts[at][1] for at in order])
    strange = frame[dataset.label].is_in(list(dataset.classes)).not_().arg_true()
    if len(strange):
        raise DataError(
            f'row {strange[0] + 1}: there is no class "{frame[dataset.label][strange[0]]}"', where=dataset.name
        )
    frame = frame.with_columns(pl.col(dataset.label).replace(dict(dataset.classes)))
    if dataset.line_breaks:
        frame = frame.with_columns(pl.exclude(dataset.label).str.replace_all(r"\n", "\n", literal=True))
    if any(splits):
        counts = [parts[at][1].height for at in order]
        column = [pl.repeat(split, count, eager=True) for split, count in zip(splits, counts, strict=True)]
        frame = frame.with_columns(pl.concat(column).alias("split"))
    return frame


def _iter_tables(dataset: Dataset, paths: Mapping[str, Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The split and the table of each file that holds one."""
    from zoo_core.data.files.delimited import parse_delimited

    separator = "," if dataset.kind == "csv" else "\t"
    header = separator.join(dataset.columns).encode() + b"\n"  # in front, since a table with a header is read natively
    for split, _, data, where in _iter_contents(dataset, paths):
        with _name_file_in_errors(where):
            frame = parse_delimited(header + data, separator=separator, quoting=dataset.kind == "csv")
        yield split, frame


def _iter_texts(dataset: Dataset, paths: Mapping[str, Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The splits, each with the table of its files, which hold one text each."""
    import polars as pl

    found: dict[str, list[tuple[str, str]]] = {}
    for split, label, data, where in _iter_contents(dataset, paths):
        with _name_file_in_errors(where):
            found.setdefault(split, []).append((label, data.decode("utf-8")))
    for split, rows in found.items():
        yield split, pl.DataFrame(rows, schema={dataset.label: pl.String, "text": pl.String}, orient="row")


def _iter_contents(dataset: Dataset, paths: Mapping[str, Path]) -> Iterator[tuple[str, str, bytes, str]]:
    """The split, the label, the bytes and the place of each file, those in archives as well."""
    from zoo_core.data.download.archives import archive_members

    for file in dataset.files:
        path = paths[file.name]
        if not dataset.members:
            yield file.split, "", path.read_bytes(), str(path)
            continue
        for match, data in archive_members(path, dataset.members, max_bytes=dataset.unpacked * 1_000_000):
            said = match.groupdict()
            yield said.get("split") or file.split, said.get("label") or "", data, f"{path}: {match[0]}"


@contextmanager
def _name_file_in_errors(where: str) -> Iterator[None]:
    """Faults of what is read inside the block are DataErrors that name the file."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 (byte 0x{error.object[error.start]:02x})", where=where) from None
    except DataError as error:  # a line, which the header in front has moved
        raise DataError(*(evolve(problem, where=where) for problem in error.problems)) from None
