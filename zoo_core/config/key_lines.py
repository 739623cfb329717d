"""The line of every key in valid TOML, found in time proportional to its length."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

KeyPath = tuple[str, ...]
SPACE = re.compile(r"[ \t]*")
BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")  # with line breaks and comments
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL
)
SCALAR = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of each key path, where it is first written; keys inside arrays have none."""
    return _Scanner(text).scan()


class _Scanner:
    """A position in a text, and the lines found so far."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[KeyPath, int] = {}
        self.arrays: set[KeyPath] = set()  # of tables

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath | None = ()
        self._skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._scan_header()
            else:
                self._scan_pair(table)
            self._skip(BLANK)
        return self.lines

    def _scan_header(self) -> KeyPath | None:
        """Scan `[a.b]` or `[[a.b]]`; the path for the keys below it, None inside an array of tables."""
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 1 + is_array
        path = self._scan_key()
        self.at += 1 + is_array
        if not any(path[:length] in self.arrays for length in range(1, len(path) + 1)):
            self._record((), path, start)
        if is_array:
            self.arrays.add(path)
        return None if any(path[:length] in self.arrays for length in range(1, len(path) + 1)) else path

    def _scan_pair(self, table: KeyPath | None) -> None:
        """Scan `a.b = value` below a table; None records nothing."""
        start = self.at
        key = self._scan_key()
        self.at += 1  # the equals sign
        self._skip(SPACE)
        if table is not None:
            self._record(table, key, start)
        self._scan_value(None if table is None else (*table, *key))

    def _scan_key(self) -> KeyPath:
        parts: list[str] = []
        while True:
            self._skip(SPACE)
            is_quoted = self.text[self.at] in "\"'"
            part = self._skip(STRING if is_quoted else BARE_KEY)
            if is_quoted:
                part = next(iter(tomllib.loads(f"{part} = 0"))) if "\\" in part else part[1:-1]
            parts.append(part)
            self._skip(SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _scan_value(self, path: KeyPath | None) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._skip(STRING)
        elif first in "[{":
            end = "]" if first == "[" else "}"
            self.at += 1
            self._skip(BLANK)
            while self.text[self.at] != end:
                if self.text[self.at] == ",":
                    self.at += 1
                elif first == "[":
                    self._scan_value(None)
                else:
                    self._scan_pair(path)
                self._skip(BLANK)
            self.at += 1
        else:
            self._skip(SCALAR)

    def _record(self, table: KeyPath, key: KeyPath, start: int) -> None:
        line = bisect_left(self.breaks, start) + 1
        for length in range(1, len(key) + 1):
            self.lines.setdefault((*table, *key[:length]), line)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None  # the text is valid TOML
        self.at = match.end()
        return match[0]
