"""Lines of vectors: a word and its numbers, of which those of the needed words are parsed and kept."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import takewhile

import numpy
from attrs import define, field
from numpy.typing import NDArray

from zoo_core.errors import DataError
from zoo_core.messages import pluralize, shorten, suggest_command, warn

BLANKS = b" \r"
MAY_BE_CUT = "the file may be cut: download it again"
NOT_UTF8 = "convert it, as with iconv -f latin1 -t utf-8; the binary format of word2vec is not read"
HEADER_NUMBER = re.compile(rb"[0-9]{1,18}")
MAX_SHOWN_CHARS = 40

Vectors = dict[str, NDArray[numpy.float32]]


@define(eq=False)
class LineReader:
    """The vectors of the needed words from lines of a word and its numbers, separated by spaces or tabs.

    A first line of two whole numbers is a header: the number of words, and of the numbers of each.
    """

    name: str
    dimensions: int
    words: Collection[str]
    found: Vectors = field(factory=dict, init=False)
    _needed: dict[bytes, str] = field(init=False)
    _line: int = field(default=0, init=False)
    _count: int = field(default=0, init=False)  # words so far
    _header: int | None = field(default=None, init=False)  # the words that the header promises
    _repeated: list[tuple[int, str]] = field(factory=list, init=False)  # lines of words with another vector before

    @_needed.default
    def _encode_words(self) -> dict[bytes, str]:
        return {word.encode("utf-8", "surrogatepass"): word for word in self.words}

    def read(self, block: bytes) -> None:
        """Read further lines, each with its line break."""
        if block.isspace():
            self._line += block.count(b"\n")
            return
        dimensions, needed, start = self.dimensions, self._needed, 0
        if b"\t" in block:
            block = block.replace(b"\t", b" ")
        while start < len(block):  # no line is copied that is not needed
            end = stop = block.find(b"\n", start)
            self._line += 1
            while stop > start and block[stop - 1] in BLANKS:
                stop -= 1
            middle = block.find(b" ", start, stop)
            if block.count(b" ", start, stop) != dimensions or self._line == 1:
                middle = start + self._end_of_word(block[start:stop])
            if middle >= start:
                word = block[start:middle]
                if word in needed:
                    self._keep(needed[word], block[middle + 1 : stop])
                elif not word.isascii():
                    self._require_utf8(word)
                self._count += 1
            start = end + 1

    def finish(self) -> None:
        """Raise DataError unless the file had words, as many as its header says; warn of words that it has twice."""
        if self._header is not None and self._count != self._header:
            text = f"the header says {pluralize(self._header, 'word')}, the file has {self._count:,}"
            raise DataError(text, where=f"{self.name}:1", hint=MAY_BE_CUT)
        if not self._count:
            raise DataError("the file has no vectors", where=self.name)
        if self._repeated:
            line, word = self._repeated[0]
            more = f", as on {pluralize(len(self._repeated) - 1, 'more line')}" if len(self._repeated) > 1 else ""
            warn(f'{self.name}:{line}: "{_shown(word)}" has another vector before{more}: the first is used')

    def _read_header(self, line: bytes) -> bool:
        """Whether the first line is a header; and compare the numbers of a vector with the setting."""
        fields = line.split()
        is_header = len(fields) == 2 and all(HEADER_NUMBER.fullmatch(part) for part in fields)
        if is_header:
            self._header, size = map(int, fields)
        else:
            size = sum(1 for _ in takewhile(_is_number, fields[:0:-1]))
            if len(fields) == 2 and size == 1 != self.dimensions and _is_number(fields[0]):
                expected = "expected the number of words, and of the numbers of each"
                raise self._error(f'invalid header: got "{_shown(line.decode())}", {expected}')
        if size != self.dimensions and (is_header or size > 0):
            raise wrong_size(size, self.dimensions, f"{self.name}:1")
        return is_header

    def _end_of_word(self, line: bytes) -> int:
        """Where the word ends, which may have spaces, as some of GloVe have; -1 for a line without a word.

        Raises DataError for a line with another number of numbers.
        """
        if not line or (self._line == 1 and self._read_header(line)):
            return -1
        surplus = line.count(b" ") - self.dimensions
        if surplus < 0:
            self._require_utf8(line)
            count = pluralize(line.count(b" "), "number")
            raise self._error(f"this word has {count}, expected {self.dimensions}", MAY_BE_CUT)
        end = len(line) - len(line.split(b" ", surplus + 1)[-1]) - 1
        if surplus and _is_number(line[:end].rsplit(b" ", 1)[-1]):
            hint = "each line must have a word and as many numbers as the others"
            raise self._error(f"this word has more than {self.dimensions} numbers", hint)
        return end

    def _keep(self, word: str, numbers: bytes) -> None:
        try:
            values = [_parse(number) for number in numbers.split(b" ")]
        except ValueError:
            wrong = next(number for number in numbers.split(b" ") if not _is_number(number))
            shown = shorten(wrong.decode("utf-8", "replace"), MAX_SHOWN_CHARS)
            raise self._error(f'not a number: "{shown}", in the vector of "{_shown(word)}"') from None
        with numpy.errstate(over="ignore"):
            vector = numpy.array(values, dtype=numpy.float32)
        if not numpy.isfinite(vector).all():
            wrong_value = values[int(numpy.flatnonzero(~numpy.isfinite(vector))[0])]
            raise self._error(f'not a finite number: {wrong_value}, in the vector of "{_shown(word)}"')
        if word not in self.found:
            self.found[word] = vector
        elif not numpy.array_equal(vector, self.found[word]):
            self._repeated.append((self._line, word))

    def _require_utf8(self, text: bytes) -> None:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._error(f"not UTF-8 (byte 0x{text[error.start]:02x})", NOT_UTF8) from None

    def _error(self, message: str, hint: str = "") -> DataError:
        return DataError(message, where=f"{self.name}:{self._line}", hint=hint)


def wrong_size(size: int, expected: int, where: str) -> DataError:
    """The error for vectors of another size than that of the setting."""
    text = f"the vectors have {pluralize(size, 'number')}, the setting dimensions is {expected}"
    hint = suggest_command("--set", f"model.embedding.dimensions={size}") if size else ""
    return DataError(text, where=where, hint=hint)


def _parse(text: bytes) -> float:
    """A number as files have it, without the underscores of Python. Raises ValueError."""
    if b"_" in text:
        raise ValueError("not a number")
    return float(text)


def _is_number(text: bytes) -> bool:
    try:
        _parse(text)
    except ValueError:
        return False
    return True


def _shown(word: str) -> str:
    return shorten(word, MAX_SHOWN_CHARS)
