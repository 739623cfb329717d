"""A download that continues where it stopped, within limits of size and time."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from attrs import frozen

from zoo_core.data.files.size_limits import Limit
from zoo_core.errors import InputOutputError
from zoo_core.filesystem.locks import open_lock_file, release_lock, try_lock
from zoo_core.filesystem.writing import rename_file, sync_file
from zoo_core.messages import pluralize

MAX_ATTEMPTS = 3  # to connect; each continues where the last one stopped
CHUNK_BYTES = 1 << 16
TIMEOUT_SECONDS = (10, 60)  # for a connection, and for the next bytes
MAX_SECONDS = Limit("ZOO_DOWNLOAD_SECONDS", 3600)  # for a file from one source
POLL_SECONDS = 0.5


class TooLargeError(Exception):
    """A source sends more bytes than the file may have."""


class TooSlowError(Exception):
    """A source takes more time than a file may."""


@frozen
class ResumableDownloader:
    """A downloader for pooch that stores received bytes in `partial_file`, and requests only the rest of them."""

    partial_file: Path
    max_bytes: int
    max_seconds: int
    progress: Callable[[int, int], None]

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Download `url` to the file whose checksum pooch then verifies."""
        import requests

        deadline = time.monotonic() + self.max_seconds
        with self._lock_partial_file():
            for attempt in range(1, MAX_ATTEMPTS + 1):
                received = self._received_bytes()
                try:
                    self._receive_until(url, deadline)
                    break
                except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                    if attempt == MAX_ATTEMPTS or self._received_bytes() == received:
                        raise
        rename_file(self.partial_file, Path(output_file))  # Windows renames no open file

    @contextmanager
    def _lock_partial_file(self) -> Iterator[None]:
        """Keep other processes from writing the partial file, which is deleted if it is empty at the end.

        Raises InputOutputError if another process has the lock.
        """
        handle = open_lock_file(self.partial_file, 0o666)
        if not try_lock(handle):
            os.close(handle)
            raise InputOutputError(f"another process is downloading {self.partial_file}")
        try:
            yield
        finally:
            if self._received_bytes():
                os.close(handle)
            else:
                release_lock(handle, self.partial_file)

    def _received_bytes(self) -> int:
        return self.partial_file.stat().st_size if self.partial_file.exists() else 0

    def _receive_until(self, url: str, deadline: float) -> None:
        """Receive in a thread, which is left behind at the deadline: a source may send a byte a minute forever."""
        errors: list[BaseException] = []
        stopped = Event()

        def receive() -> None:
            try:
                self._receive(url, stopped)
            except BaseException as error:  # raised in the thread that waits
                errors.append(error)

        thread = Thread(target=receive, daemon=True)
        thread.start()
        try:
            while thread.is_alive() and time.monotonic() < deadline:
                thread.join(POLL_SECONDS)  # a short one: Windows takes no Ctrl-C meanwhile
        finally:
            stopped.set()
        if thread.is_alive():
            raise TooSlowError(f"more than {pluralize(self.max_seconds, 'second')}; {MAX_SECONDS.variable} allows more")
        if errors:
            raise errors[0]

    def _receive(self, url: str, stopped: Event) -> None:
        import requests

        received = self._received_bytes()
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={received}-"} if received else {})
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
            content_range = response.headers.get("Content-Range", "")
            if received and response.status_code == 416:  # the file has no bytes after those received
                if content_range != f"bytes */{received}":
                    os.truncate(self.partial_file, 0)
                    self._receive(url, stopped)
                return
            response.raise_for_status()
            continues = response.status_code == 206 and content_range.startswith(f"bytes {received}-")
            done = received if continues else 0
            length = response.headers.get("Content-Length", "")
            total = done + (int(length) if re.fullmatch("[0-9]{1,18}", length) else 0)
            self._check_size(total)
            with self.partial_file.open("ab" if continues else "wb") as stream:
                for chunk in response.iter_content(CHUNK_BYTES):
                    if stopped.is_set():
                        return
                    stream.write(chunk)
                    done += len(chunk)
                    self.progress(done, max(total, done))
                    if done > self.max_bytes:
                        stream.truncate(0)
                    self._check_size(done)
                stream.flush()
                sync_file(stream.fileno())

    def _check_size(self, num_bytes: int) -> None:
        if num_bytes > self.max_bytes:
            raise TooLargeError(f"more than {self.max_bytes / 1e6:g} MB, twice the size in the catalog")
