"""What an update does to one file of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from zoo_cli.scaffold.merge import merge_texts
from zoo_core.errors import RecipeError
from zoo_core.filesystem.reading import read_bounded
from zoo_core.messages import suggest_command

MAX_FILE_BYTES = 4 * 1024 * 1024
BESIDE = ".new"  # the suffix of a new text beside a file that stays
State = Literal["created", "replaced", "merged", "conflict", "differs", "obsolete"]


@frozen
class FileUpdate:
    """The state of a file, the reason for it, and the file to write with its content, None if nothing is written."""

    path: str
    state: State
    reason: str
    target: str = ""
    data: bytes | None = None

    @property
    def is_open(self) -> bool:
        """Whether its author has to do the rest."""
        return self.state in ("conflict", "differs")


def update_file(folder: Path, path: str, old: str | None, new: str) -> FileUpdate | None:
    """The update of a file that was generated as `old`, None if it was not, and is now generated as `new`.

    None if there is nothing to do: its text did not change, the file has it already, or its author deleted the file.
    """
    if old == new:
        return None
    data = read_project_file(folder, path)
    if data is None:
        return FileUpdate(path, "created", "new in the template", path, new.encode()) if old is None else None
    own, has_crlf = _decode(data)
    if own == new:
        return None
    if own is None:
        return write_beside(path, new, "conflict", "it is not a text in UTF-8")
    if old is None:
        return write_beside(path, new, "conflict", "a file of yours has the name of a new one")
    if own == old:
        return FileUpdate(path, "replaced", "you did not change it", path, _encode(new, has_crlf))
    merge = merge_texts(own, old, new)
    if merge is None:
        return write_beside(path, new, "conflict", "it has changes of yours, and git is not installed to merge them")
    if merge.has_conflicts:
        return write_beside(path, merge.text, "conflict", "your changes and those of the template conflict")
    if merge.text == own:
        return None
    return FileUpdate(path, "merged", "it has changes of yours, which stay", path, _encode(merge.text, has_crlf))


def update_unrecorded_file(folder: Path, path: str, new: str, *, is_example: bool) -> FileUpdate | None:
    """The update of a file of which it is unknown how it was generated; an example is its author's."""
    data = read_project_file(folder, path)
    if data is None:
        return None if is_example else FileUpdate(path, "created", "missing", path, new.encode())
    if is_example or _decode(data)[0] == new:
        return None
    return write_beside(path, new, "differs", "there is no record of how it was generated")


def write_beside(path: str, text: str, state: State, reason: str) -> FileUpdate:
    """An update that leaves the file as it is, and writes the text beside it."""
    return FileUpdate(path, state, f"{reason}: see {path}{BESIDE}", path + BESIDE, text.encode())


def check_beside(folder: Path, file: FileUpdate) -> None:
    """Raise RecipeError if the text beside a file would replace another one."""
    if file.target.endswith(BESIDE) and read_project_file(folder, file.target) not in (None, file.data):
        command = suggest_command("rm", folder / file.target)
        hint = "merge it into the file and delete it" + (f": {command}" if command else "")
        raise RecipeError(f"{folder / file.target} exists", hint=hint)


def read_project_file(folder: Path, path: str) -> bytes | None:
    """The bytes of a file of a project; None if there is none.

    Raises RecipeError for what is not a regular file of at most 4 MiB, a link, or a file in a folder that is a link.
    """
    place = folder / path
    for part in (place, *list(place.parents)[: len(Path(path).parts) - 1]):
        if part.is_symlink():
            raise RecipeError(f"{part} is a link", hint="replace it by what it links to")
    try:
        return read_bounded(place, MAX_FILE_BYTES, RecipeError)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _decode(data: bytes) -> tuple[str | None, bool]:
    """The text with \\n as the end of each line, None if it is not UTF-8, and whether most lines end with \\r\\n."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None, False
    return text.replace("\r\n", "\n"), text.count("\r\n") * 2 > text.count("\n")


def _encode(text: str, has_crlf: bool) -> bytes:
    return (text.replace("\n", "\r\n") if has_crlf else text).encode()
