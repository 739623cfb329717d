"""Download of a data set's files into a cache: resumed if interrupted, stored only with the published checksum."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from zoo_core.data.download.catalogue import Dataset, DatasetFile
from zoo_core.data.download.resumable import MAX_SECONDS, ResumableDownloader, TooLargeError, TooSlowError
from zoo_core.errors import DataError, InputOutputError, Problem

CHECKSUM_MISMATCH = "its checksum is not the published one"
DownloadProgress = Callable[[str, int, int], None]  # a file's name, its bytes so far, and all its bytes or 0


def cache_folder() -> Path:
    """The folder of downloaded files: `$ZOO_CACHE`, or the platform's cache folder."""
    if os.environ.get("ZOO_CACHE"):
        return Path(os.environ["ZOO_CACHE"])
    from platformdirs import user_cache_path

    return user_cache_path("textzoo", appauthor=False)


def cached_files(dataset: Dataset, folder: Path) -> dict[str, Path]:
    """The paths by name of the data set's files that are in the cache with a published checksum."""
    files = [file for file in dataset.files if _has_published_hash(dataset, file, folder)]
    return {file.name: folder / dataset.name / file.name for file in files}


def fetch_dataset(
    dataset: Dataset, folder: Path, *, progress: DownloadProgress = lambda _name, _done, _all: None
) -> dict[str, Path]:
    """The paths by name of the data set's files, downloaded if they are not in the cache.

    An interrupted download stays beside the cached files and is continued by the next attempt.

    Raises InputOutputError if a file cannot be downloaded or stored, DataError if no source has the published file.
    """
    paths = cached_files(dataset, folder)
    for file in dataset.files:
        if file.name not in paths:
            paths[file.name] = _fetch_file(dataset, file, folder / dataset.name, progress)
    return paths


def _has_published_hash(dataset: Dataset, file: DatasetFile, folder: Path) -> bool:
    from pooch.hashes import hash_matches  # type: ignore[import-untyped]

    path = folder / dataset.name / file.name
    return path.is_file() and any(hash_matches(str(path), source.hash) for source in file.sources)


def _fetch_file(dataset: Dataset, file: DatasetFile, folder: Path, progress: DownloadProgress) -> Path:
    import pooch  # type: ignore[import-untyped]
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    reasons, num_mismatches = [], 0
    if (folder / file.name).exists():
        reasons.append(f"{folder / file.name}: {CHECKSUM_MISMATCH}")
    for source in file.sources:
        downloader = ResumableDownloader(
            folder / f"{file.name}.{source.hash[-8:]}.part",
            dataset.megabytes * 2_000_000,
            MAX_SECONDS.value(),
            lambda done, total: progress(file.name, done, total),
        )
        host = urlsplit(source.url).netloc
        try:
            return Path(
                pooch.retrieve(source.url, source.hash, fname=file.name, path=str(folder), downloader=downloader)
            )
        except requests.RequestException as error:
            reasons.append(f"{host}: {_describe_request_error(error)}")
        except (TooLargeError, TooSlowError) as error:
            num_mismatches += isinstance(error, TooLargeError)
            reasons.append(f"{host}: {error}")
        except ValueError:  # pooch raises it for a wrong checksum, after it has deleted the file
            num_mismatches += 1
            reasons.append(f"{host}: {CHECKSUM_MISMATCH}")
        except OSError as error:
            raise InputOutputError(f"cannot write {error.filename or folder}: {error.strerror or error}") from None
    hint = f"download {file.sources[0].url} by hand and put it at {folder / file.name}"
    problem = Problem(f"cannot download {file.name} of {dataset.name}: {'; '.join(reasons)}", "", hint)
    raise DataError(problem) if num_mismatches == len(file.sources) else InputOutputError(problem)


def _describe_request_error(error: Exception) -> str:
    """An error of `requests` in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was lost"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
