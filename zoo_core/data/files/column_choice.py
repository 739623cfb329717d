"""The columns of a file that a task needs: the others are not decoded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from unicodedata import normalize

from zoo_core.components.contracts import Splitter, Task
from zoo_core.data.task_results.columns import check_names

ChooseColumns = Callable[[list[str]], Collection[str]]


def all_columns(columns: list[str]) -> Collection[str]:
    """Every column of a file."""
    return columns


def columns_of(task: Task, splitter: Splitter | None = None) -> ChooseColumns:
    """The choice of the columns that a task uses: all if it does not declare them, or if the file has none of them.

    With a splitter, also those that it uses.
    """

    def choose(columns: list[str]) -> Collection[str]:
        used = {normalize("NFC", name) for name in check_names(task, task.used_columns(columns))}
        if not any(normalize("NFC", name) in used for name in columns):
            return columns
        more = check_names(splitter, splitter.used_columns()) if splitter else ()
        used |= {normalize("NFC", name) for name in more}
        return [name for name in columns if normalize("NFC", name) in used]

    return choose if keeps_promise(task, "used_columns") else all_columns


class NotedChoice:
    """A choice of columns that keeps the columns of the file, in its order, as `names`."""

    def __init__(self, choose: ChooseColumns) -> None:
        self._choose = choose
        self.names: tuple[str, ...] = ()

    def __call__(self, columns: list[str]) -> Collection[str]:
        self.names = self.names or tuple(columns)
        return self._choose(columns)


def keeps_promise(task: Task, method: str) -> bool:
    """Whether what this method promises of `Task.read` holds.

    It holds for the `read` of the same class or of a base class; a subclass with its own `read` renews it.
    """
    classes = type(task).__mro__
    reads, promises = (next(cls for cls in classes if name in vars(cls)) for name in ("read", method))
    return issubclass(promises, reads)
