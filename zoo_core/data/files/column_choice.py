"""The columns of a file that a task needs: the others are not decoded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from unicodedata import normalize

from attrs import frozen

from zoo_core.components.contracts import Splitter, Task
from zoo_core.data.task_results.columns import check_names

ChooseColumns = Callable[[list[str]], Collection[str]]  # with an attribute `list_columns`, see `may_have_lists`


def all_columns(columns: list[str]) -> Collection[str]:
    """Every column of a file."""
    return columns


def may_have_lists(choose: Callable[[list[str]], Collection[str]], column: str) -> bool:
    """Whether the values of a chosen column may be lists: these are read as JSON arrays of texts.

    A choice has the names of such columns, if any, as `list_columns`.
    """
    return normalize("NFC", column) in {normalize("NFC", name) for name in getattr(choose, "list_columns", ())}


@frozen
class TaskChoice:
    """The choice of the columns that a task and a splitter use, or of all columns."""

    task: Task
    splitter: Splitter | None = None
    is_all: bool = False

    @property
    def list_columns(self) -> Collection[str]:
        """The columns whose values may be lists."""
        return check_names(self.task, self.task.list_columns(), "list_columns")

    def __call__(self, columns: list[str]) -> Collection[str]:
        if self.is_all:
            return columns
        used = {normalize("NFC", name) for name in check_names(self.task, self.task.used_columns(columns))}
        if not any(normalize("NFC", name) in used for name in columns):
            return columns
        more = check_names(self.splitter, self.splitter.used_columns()) if self.splitter else ()
        used |= {normalize("NFC", name) for name in more}
        return [name for name in columns if normalize("NFC", name) in used]


def columns_of(task: Task, splitter: Splitter | None = None) -> ChooseColumns:
    """The choice of the columns that a task uses: all if it does not declare them, or if the file has none of them.

    With a splitter, also those that it uses.
    """
    return TaskChoice(task, splitter, is_all=not keeps_promise(task, "used_columns"))


class NotedChoice:
    """A choice of columns that keeps the columns of the file, in its order, as `names`."""

    def __init__(self, choose: ChooseColumns) -> None:
        self._choose = choose
        self.list_columns: Collection[str] = getattr(choose, "list_columns", ())
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
