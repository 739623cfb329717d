"""Arguments of another kind than a command expects: a file of data for a recipe, a recipe for a run, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo_cli.typed.again import (
    DATA,
    change_options,
    quote_command,
    with_typed_hint,
    without_settings,
)
from zoo_cli.typed.argument_kinds import WrongArgument, find_wrong_arguments, parse_words, takes_data
from zoo_cli.typed.words import find_command
from zoo_core.config.assignment import FLAGS, OPTIONS

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.errors import Problem

RECOMMENDED_RECIPE = "text-fast"
RUNS_FOLDER = "runs"
MAX_CHANGES = 3  # of how a file is read: its encoding, its delimiter and header


def explain_error(error: BaseException, root: click.Group, arguments: Sequence[str]) -> BaseException:
    """The error to report in place of another: that about an argument of another kind than expected, if there is one.

    Else the same error, with the command to type if columns are missing.
    """
    from zoo_core.errors import DataError, RecipeError, RunFolderError

    if isinstance(error, click.UsageError | RecipeError | DataError | RunFolderError):
        problem = _explain_wrong_argument(root, arguments)
        if problem is not None:
            return RecipeError(problem)
    return with_typed_hint(error, root, arguments)


def _explain_wrong_argument(root: click.Group, arguments: Sequence[str]) -> Problem | None:
    from zoo_core.config.zoo import open_zoo
    from zoo_core.errors import Problem, ZooError

    try:
        zoo = open_zoo(warns=False)
        found = list(find_wrong_arguments(root, arguments, zoo))
        return Problem(found[0].message(), hint=_hint(found, root, arguments, zoo)) if found else None
    except (ZooError, click.ClickException, OSError):  # then the other error is reported
        return None


def _hint(found: Sequence[WrongArgument], root: click.Group, arguments: Sequence[str], zoo: Zoo) -> str:
    """What to type."""
    command, rest = find_command(root, arguments)
    called = list(arguments[: len(arguments) - len(rest)])
    wrong, files = (
        found[0],
        [other.word for other in found if other.kind == "data" and other.expected in ("recipe", "")],
    )
    others = [word for word in rest if word not in {wrong.word, *files}]

    def again(name: str, *more: str) -> str:
        """The same command with this name in place of the argument."""
        at, new = rest.index(wrong.word), wrong.word.replace(wrong.value, name)
        before, after = ([word for word in words if word not in files] for words in (rest[:at], rest[at + 1 :]))
        return quote_command([*called, *before, new, *after, *more])

    if wrong.kind == "data":
        if wrong.expected == "recipe" and any(parameter.name == "source" for parameter in command.params):
            is_swapped = any(other.kind == "recipe" for other in found)
            return quote_command([*called, *([wrong.file()] if is_swapped else []), *others])
        moved = [other.file() for other in found if other.word in files] or [wrong.file()]
        if wrong.expected == "":
            return quote_command([*called, *others, *_data_words(moved, others, command, zoo, is_given=True)])
        run = _newest_run() if wrong.expected == "run" else ""
        if run and takes_data(command):
            has_texts = bool(parse_words(command, rest)[0].get("text"))
            return again(run) if has_texts else again(run, "--data", moved[0])
        if wrong.expected == "run" or not takes_data(command):
            return quote_command(["train", RECOMMENDED_RECIPE, *_data_words(moved, [], command, zoo)])
        return again(RECOMMENDED_RECIPE, *_data_words(moved, others, command, zoo))
    if wrong.kind == "run" and wrong.expected == "recipe":
        if called[-1:] == ["train"] and not _given_data(others):
            return quote_command([*called, *others, "--locked", wrong.value])
        return again(str(Path(wrong.value) / "recipe.toml"))
    if wrong.kind == "recipe" and wrong.expected == "run":
        run = _newest_run(f"{Path(wrong.value).stem}-*")
        return again(run) if run else quote_command(["train", wrong.value])
    return quote_command(["recipe", "check", wrong.value] if wrong.kind == "recipe" else ["evaluate", wrong.value])


def _given_data(arguments: Sequence[str]) -> str:
    """The file that these arguments name with --data; or ""."""
    for word, following in pairwise([*arguments, ""]):
        option, equals, value = word.partition("=")
        if option == "--data":
            return value if equals else following
    return ""


def _newest_run(pattern: str = "*") -> str:
    """The run that was written last, of those where `zoo train` writes them; or ""."""
    from zoo_core.filesystem.sealed_files import MANIFEST

    found = [path for path in Path(RUNS_FOLDER).glob(pattern) if (path / MANIFEST).is_file()]
    return str(max(found, key=lambda path: (path / MANIFEST).stat().st_mtime)) if found else ""


def _name_files(files: Sequence[str], given: str) -> list[str]:
    return [] if given else [word for file in files for word in ("--data", file)]


def _data_words(
    files: Sequence[str], others: Sequence[str], command: click.Command, zoo: Zoo, *, is_given: bool = False
) -> list[str]:
    """The options that name files, unless `others` name one, and its columns, if the recipe needs them.

    The recipe is that of the other arguments of the command if it is given, or the recommended one.
    """
    from zoo_core.data.files.detection import HEAD_BYTES
    from zoo_core.data.files.reading import TableStream
    from zoo_core.data.missing_columns import describe_missing, find_missing
    from zoo_core.data.task_detection import given_reader
    from zoo_core.errors import ZooError
    from zoo_core.recipes.recipe import load_recipe

    given = _given_data(others)
    typed = parse_words(command, others)[0]
    recipe = next(iter(typed.get("recipe", ())), "") if is_given else RECOMMENDED_RECIPE
    if not recipe:
        return _name_files(files, given)
    reader_options = {key: option for key, option in OPTIONS.items() if key.startswith("reader")}
    reading = [f"{key}={value}" for key, option in reader_options.items() for value in typed.get(option[2:], ())]
    reading += [f"{key}={value}" for (key, value), flag in FLAGS.items() if flag in others]
    file, changes = given or files[0], dict[str, str]()
    for _ in range(MAX_CHANGES):
        try:
            reader = given_reader(zoo, [*reading, *(f"{key}={value}" for key, value in changes.items())])
            table = next(iter(TableStream(file, zoo.registry, reader=reader, chunk_bytes=HEAD_BYTES)))
            task = load_recipe(recipe, zoo=zoo).plan().task
            missing = describe_missing(task, table, find_missing(task, table))
        except ZooError as error:
            found = error.problems[0].changes
            if not found or dict(found[0]).keys() & {*changes, *([DATA] if given else [])}:
                break
            changes |= dict(found[0])
            file = changes.get(DATA, file)
            continue
        columns = {key: names[0] for key, names in missing.guesses.items() if len(names) == 1}
        changes |= dict(missing.changes[0]) if missing.changes else columns
        break
    files = [changes.pop(DATA, files[0]), *files[1:]] if files else files
    named = [key for key in changes if without_settings(others, [key]) != list(others)]
    return [
        *_name_files(files, given),
        *change_options((key, value) for key, value in changes.items() if key not in named),
    ]
