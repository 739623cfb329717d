"""Names of files, the same on Linux, macOS and Windows."""

from __future__ import annotations

import re
from unicodedata import normalize


def slugify(name: str, *, default: str = "variant", limit: int = 40, ascii_only: bool = False) -> str:
    """A name as lower-case letters and digits joined by hyphens, for files; `default` if nothing is left.

    Letters of every script stay, in composed form (NFC), unless `ascii_only`. `limit` counts bytes of UTF-8.

    >>> slugify("model=MLP, lr=0.1"), slugify("식당 리뷰")
    ('model-mlp-lr-0-1', '식당-리뷰')
    """
    words = re.sub(r"[^a-z0-9]+" if ascii_only else r"[\W_]+", "-", normalize("NFC", name).lower()).strip("-")
    return words.encode()[:limit].decode(errors="ignore").strip("-") or default
