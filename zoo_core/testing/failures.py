"""Why a check failed, in words for the author of a component: what it did, or what it raised and where."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo_core.errors import RecipeError
from zoo_core.plugins.plugin_source import describe_exception

KIT = Path(__file__).parent


def describe_failure(error: BaseException, owner: object) -> str:
    """Say why a check failed: the message of an assertion of the kit, or the exception.

    An exception that the component did not raise comes from a result that the kit cannot use.
    """
    frames = traceback.extract_tb(error.__traceback__)
    in_kit = not frames or KIT in Path(frames[-1].filename).parents
    if in_kit and isinstance(error, AssertionError):
        return str(error)
    if isinstance(error, RecipeError):
        return str(error)
    place = "".join(f", {note}" for note in getattr(error, "__notes__", ()))
    own = [frame for frame in frames if Path(frame.filename).parent in _folders(owner)]
    if own:
        return f"it raises {describe_exception(error)} ({Path(own[-1].filename).name}, line {own[-1].lineno}){place}"
    return f"what it returns cannot be used: {describe_exception(error)}{place}"


@contextmanager
def while_using(what: str) -> Iterator[None]:
    """Name the input that is used in the block ("for 512 rows") if an exception ends it."""
    try:
        yield
    except BaseException as error:
        if what.strip():
            error.add_note(what.strip())
        raise


def _folders(owner: object) -> set[Path]:
    """The folders of the modules of a function, or of a class and its bases outside of textzoo's core."""
    files = set()
    for base in owner.__mro__ if isinstance(owner, type) else (owner,):
        if not str(getattr(base, "__module__", "builtins")).startswith(("builtins", "zoo_core.")):
            try:
                files.add(Path(inspect.getfile(base)).parent)  # type: ignore[arg-type]
            except (OSError, TypeError):
                continue
    return files
