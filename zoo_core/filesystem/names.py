"""Names of files, the same on Linux, macOS and Windows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from unicodedata import normalize

from zoo_core.messages import Suggestion, suggest

MAX_ENTRIES = 1000  # of a folder, among which a similar name is searched


def slugify(name: str, *, default: str = "variant", limit: int = 40, ascii_only: bool = False) -> str:
    """A name as lower-case letters and digits joined by hyphens, for files; `default` if nothing is left.

    Letters of every script stay, in composed form (NFC), unless `ascii_only`. `limit` counts bytes of UTF-8.

    >>> slugify("model=MLP, lr=0.1"), slugify("식당 리뷰")
    ('model-mlp-lr-0-1', '식당-리뷰')
    """
    words = re.sub(r"[^a-z0-9]+" if ascii_only else r"[\W_]+", "-", normalize("NFC", name).lower()).strip("-")
    return words.encode()[:limit].decode(errors="ignore").strip("-") or default


def closest_path(path: str | Path, is_meant: Callable[[Path], bool] = os.path.isfile) -> str:
    """The path of the same folder whose name is most similar to that of a path that does not exist; or "".

    `is_meant` tells whether an entry of the folder is of the right kind, a file by default.
    """
    path = Path(path)
    try:
        entries = {entry.name for entry in islice(path.parent.iterdir(), MAX_ENTRIES)}
        found = suggest(path.name, entries) if path.name else None
        while found and not is_meant(path.with_name(found.match)):
            entries.remove(found.match)
            found = suggest(path.name, entries)
    except (OSError, ValueError):  # a path that no file can have, or a folder that may not be read
        return ""
    return str(path.with_name(found.match)) if found else ""


def closest_path_hint(path: str | Path, is_meant: Callable[[Path], bool] = os.path.isfile) -> str:
    """The closest path as a hint for a path that does not exist; "" if no path is close."""
    found = closest_path(path, is_meant)
    return Suggestion(found).text if found else ""
