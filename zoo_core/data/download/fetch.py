"""Files fetched by their published address into a cache: resumed where they were cut off, kept only if their checksum
is the one published."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from zoo_core.data.download.catalogue import Dataset, DatasetFile, DownloadSource
from zoo_core.errors import DataError, InputOutputError, Problem
from zoo_core.filesystem import release_lock, try_lock

MAX_ATTEMPTS = 3  # connections, each of which goes on where the last was cut
CHUNK_BYTES = 1 << 16  # bytes
TIMEOUT_SECONDS = (10, 60)  # seconds for a connection, and for the next bytes
DownloadProgress = Callable[[str, int, int], None]  # a file's name, its bytes so far, and all its bytes or 0


def cache_folder() -> Path:
    """Where fetched files are kept: `$ZOO_CACHE`, or the platform's cache folder."""
    if os.environ.get("ZOO_CACHE"):
        return Path(os.environ["ZOO_CACHE"])
    from platformdirs import user_cache_path

    return user_cache_path("textzoo", appauthor=False)


def cached_files(dataset: Dataset, folder: Path) -> dict[str, Path]:
    """The files of a data set that are in the cache with a checksum that was published, by name."""
    return {
        file.name: folder / dataset.name / file.name
        for file in dataset.files
        if _has_published_hash(dataset, file, folder)
    }


def fetch_dataset(
    dataset: Dataset, folder: Path, *, progress: DownloadProgress = lambda _name, _done, _all: None
) -> dict[str, Path]:
    """The files of a data set, fetched where the cache does not have them, by name.

    InputOutputError where a file cannot be had or kept; DataError where all that is to be had is not what was
    published. What came of a download that was cut stays beside the cache's files for the next attempt.
    """
    there = cached_files(dataset, folder)
    for file in dataset.files:
        if file.name not in there:
            there[file.name] = _fetch_file(dataset, file, folder / dataset.name, progress)
    return there


def _has_published_hash(dataset: Dataset, file: DatasetFile, folder: Path) -> bool:
    from pooch.hashes import hash_matches  # type: ignore[import-untyped]

    path = folder / dataset.name / file.name
    return path.is_file() and any(hash_matches(str(path), source.hash) for source in file.sources)


def _fetch_file(dataset: Dataset, file: DatasetFile, folder: Path, progress: DownloadProgress) -> Path:
    import pooch  # type: ignore[import-untyped]
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    troubles, other = [], 0
    if (folder / file.name).exists():
        troubles.append(f"{folder / file.name}: other bytes than were published")
    for source in file.sources:
        part = folder / f"{file.name}.{source.hash[-8:]}.part"
        resumed = ResumableDownloader(
            part, dataset.megabytes * 2_000_000, lambda done, all_: progress(file.name, done, all_)
        )
        try:
            return Path(pooch.retrieve(source.url, source.hash, fname=file.name, path=str(folder), downloader=resumed))
        except requests.RequestException as error:
            troubles.append(f"{_host(source)}: {_describe_request_error(error)}")
        except ValueError:  # pooch's word for another checksum; it has let go of the file
            other += 1
            troubles.append(f"{_host(source)}: other bytes than were published")
        except OSError as error:
            raise InputOutputError(f"cannot write {error.filename or folder}: {error.strerror or error}") from None
    by_hand = f"fetch {file.sources[0].url} by hand and put it at {folder / file.name}"
    problem = Problem(f"cannot fetch {file.name} of {dataset.name}: {'; '.join(troubles)}", "", by_hand)
    raise DataError(problem) if other == len(file.sources) else InputOutputError(problem)


def _host(source: DownloadSource) -> str:
    return urlsplit(source.url).netloc


def _describe_request_error(error: Exception) -> str:
    """A few words for what `requests` raised."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__


@frozen
class ResumableDownloader:
    """A downloader for pooch that keeps what has come in `part`, and asks only for the rest of it."""

    partial_file: Path
    max_bytes: int  # bytes
    progress: Callable[[int, int], None]

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Fetch `url` to the file that pooch then looks at."""
        import requests

        with self._lock_partial_file():
            for attempt in range(1, MAX_ATTEMPTS + 1):
                before = self._received_bytes()
                try:
                    self._receive(url)
                    break
                except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                    if attempt == MAX_ATTEMPTS or self._received_bytes() == before:
                        raise
        self.partial_file.replace(output_file)  # after its lock is released: Windows renames no open file

    @contextmanager
    def _lock_partial_file(self) -> Iterator[None]:
        """Nobody else writes the same part; InputOutputError where somebody does. A part without a byte goes again."""
        handle = os.open(self.partial_file, os.O_CREAT | os.O_RDWR, 0o666)
        if not try_lock(handle):
            os.close(handle)
            raise InputOutputError(f"another process is fetching {self.partial_file}")
        try:
            yield
        finally:
            if self._received_bytes():
                os.close(handle)
            else:
                release_lock(handle, self.partial_file)

    def _received_bytes(self) -> int:
        return self.partial_file.stat().st_size if self.partial_file.exists() else 0

    def _receive(self, url: str) -> None:
        import requests

        begun = self._received_bytes()
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
            if begun and response.status_code == 416:  # nothing lies beyond what is there
                if response.headers.get("Content-Range") != f"bytes */{begun}":
                    os.truncate(self.partial_file, 0)
                    self._receive(url)
                return
            response.raise_for_status()
            goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {begun}-")
            goes_on = goes_on and response.status_code == 206
            done = begun if goes_on else 0
            all_ = done + int(response.headers.get("Content-Length") or 0)
            with self.partial_file.open("ab" if goes_on else "wb") as stream:
                for piece in response.iter_content(CHUNK_BYTES):
                    stream.write(piece)
                    done += len(piece)
                    self.progress(done, max(all_, done))
                    if done > self.max_bytes:
                        stream.truncate(0)
                        raise ValueError(f"more than {self.max_bytes} bytes")
