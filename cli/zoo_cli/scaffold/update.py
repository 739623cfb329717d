"""The update of a plugin's project: what newer templates change, without a loss of what its author wrote.

A file that its author left as it was generated is replaced. One that both changed is merged. Where that has conflicts,
or cannot be done, the file stays and the new text is written beside it. A file that its author deleted stays away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from attrs import frozen

from zoo_cli.scaffold.example_kinds import EXAMPLES
from zoo_cli.scaffold.file_update import (
    FileUpdate,
    check_beside,
    read_project_file,
    update_file,
    update_unrecorded_file,
)
from zoo_cli.scaffold.project_names import read_project_names
from zoo_cli.scaffold.record import RECORD_FILE, read_record, record_text
from zoo_cli.scaffold.templates import FIXED_FILES, ProjectNames, render_templates
from zoo_core.errors import InputOutputError
from zoo_core.filesystem.folders import make_folder
from zoo_core.filesystem.writing import write_file


@frozen
class ProjectUpdate:
    """The update of a project: each file that changes or is worth a word, and the new record."""

    folder: Path
    files: tuple[FileUpdate, ...]
    record: bytes
    is_recorded: bool  # the project has this record

    @property
    def is_needed(self) -> bool:
        """Whether it writes anything."""
        return not self.is_recorded or any(file.data is not None for file in self.files)

    def write(self) -> None:
        """Write the files, then the record: after an interruption the update can be repeated.

        Raises InputOutputError if a file cannot be written.
        """
        try:
            for file in self.files:
                if file.data is not None:
                    make_folder((self.folder / file.target).parent)
                    write_file(self.folder / file.target, file.data)
            write_file(self.folder / RECORD_FILE, self.record)
        except OSError as error:
            raise InputOutputError(f"cannot write {self.folder}: {error.strerror or error}") from None


def plan_update(folder: Path, added_kinds: Collection[str] = ()) -> ProjectUpdate:
    """What an update of a project does, with an example of each of `added_kinds`; nothing is written.

    Raises RecipeError if the folder holds no project of a plugin, or a file that an update would write beside another.
    """
    names = read_project_names(folder)
    record = read_record(folder)
    kinds = {*(record.kinds if record else _find_kinds(folder, names)), *added_kinds}
    templates = render_templates(kinds)
    new = {names.fill(path): names.fill(text) for path, text in templates.items()}
    if record is None:
        files = list(_iter_unrecorded(folder, names, new, added_kinds))
    else:
        old = {names.fill(path): names.fill(text) for path, text in record.files.items()}
        updates = [update_file(folder, path, old.get(path), text) for path, text in new.items()]
        files = [*filter(None, updates), *_iter_obsolete(folder, old, new)]
    for file in files:
        check_beside(folder, file)
    data = record_text(kinds, templates).encode()
    return ProjectUpdate(folder, tuple(files), data, read_project_file(folder, RECORD_FILE) == data)


def _iter_unrecorded(
    folder: Path, names: ProjectNames, new: dict[str, str], added_kinds: Collection[str]
) -> Iterator[FileUpdate]:
    fixed = {*FIXED_FILES.values(), "tests/test_contract.py"}
    added = set(map(names.fill, render_templates(added_kinds))) if added_kinds else set()
    for path, text in new.items():
        is_example = path not in fixed and path not in added
        update = update_unrecorded_file(folder, path, text, is_example=is_example)
        if update is not None:
            yield update


def _iter_obsolete(folder: Path, old: dict[str, str], new: dict[str, str]) -> Iterator[FileUpdate]:
    """The generated files that are no longer generated: they stay, since other files may use them."""
    for path in sorted(old.keys() - new.keys()):
        if read_project_file(folder, path) is not None:
            yield FileUpdate(path, "obsolete", "no longer generated: delete it if you do not need it")


def _find_kinds(folder: Path, names: ProjectNames) -> set[str]:
    """The kinds of a project without a record, by the names of its modules."""
    package = folder / names.package
    return {
        example.kind
        for example in EXAMPLES
        if any((package / f"{example.file}{end}").exists() for end in (".py", ".toml"))
    }
