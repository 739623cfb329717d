"""Hand-written reference pages name the files, keys, codes and formats that exist."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, ROOT
from zoo_core import errors, load_recipe, train
from zoo_core.data.files.writer import FORMAT_SUFFIXES

REFERENCE = ROOT / "docs" / "reference"
ROW = re.compile(r"^\| (.+?) \|", re.MULTILINE)


def first_cells(text: str) -> set[str]:
    """The names in inline code in the first column of every table."""
    return {name for cell in ROW.findall(text) for name in re.findall(r"`([^`]+)`", cell)}


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    train(load_recipe("yelp-perceptron").override("training.epochs=1"), run=folder)
    return folder


def test_every_file_of_a_run_is_on_the_page(run_folder: Path) -> None:
    page = (REFERENCE / "run-folder.md").read_text("utf-8")
    overview = first_cells(page.partition("## Loading")[0])
    assert overview == {path.name for path in run_folder.iterdir()} | {"decision.json"}


@pytest.mark.parametrize(
    "name", ["environment.json", "head.json", "encoder.json", "metrics.jsonl", "result.json", "manifest.json"]
)
def test_every_key_of_a_file_is_on_the_page(run_folder: Path, name: str) -> None:
    page = (REFERENCE / "run-folder.md").read_text("utf-8")
    section = page.partition(f"### {name}\n")[2].partition("\n##")[0]
    text = (run_folder / name).read_text("utf-8")
    value = json.loads(text.splitlines()[0] if name.endswith(".jsonl") else text)
    keys = {"val_METRIC" if re.fullmatch("val_(?!loss).*", key) else key for key in value if key != "data"}
    assert value
    assert keys | {f"data.{key}" for key in value.get("data", {})} == first_cells(section)


def test_every_key_of_a_component_is_on_the_page(run_folder: Path) -> None:
    page = (REFERENCE / "run-folder.md").read_text("utf-8")
    parts = json.loads((run_folder / "components.json").read_text("utf-8"))
    assert set(parts["model"]) == first_cells(page.partition("### components.json\n")[2].partition("\n##")[0])


def test_every_error_class_is_on_the_page_with_its_exit_code() -> None:
    page = (REFERENCE / "exit-codes.md").read_text("utf-8")
    classes = [errors.ZooError, *errors.ZooError.__subclasses__()]
    assert len(classes) >= 7
    for cls in classes:
        assert re.search(rf"^\| {cls.exit_code}\b[^|]*\|[^|]*\| `{cls.__name__}` \|$", page, re.MULTILINE), cls.__name__


def test_every_format_is_on_the_page() -> None:
    page = (REFERENCE / "file-formats.md").read_text("utf-8")
    readers = (REFERENCE / "components" / "reader.md").read_text("utf-8")
    names = re.findall(r"^## (\S+)$", readers, re.MULTILINE)
    assert len(names) >= 10
    assert set(names) == first_cells(page)
    formats = {format_: suffix for suffix, format_ in reversed(FORMAT_SUFFIXES.items())}
    assert [suffix for suffix in formats.values() if f"`{suffix}`" not in page] == []


def test_every_module_and_name_of_the_docs_exists() -> None:
    pages = [path for path in PAGES if "tutorial" not in path.as_posix()]
    names = {name for path in pages for name in re.findall(r"`(zoo_core(?:\.\w+)+)`", path.read_text("utf-8"))}
    assert len(names) >= 20
    for name in sorted(names):
        try:
            import_module(name)
        except ModuleNotFoundError:
            module, _, attribute = name.rpartition(".")
            assert hasattr(import_module(module), attribute), name


def test_every_path_of_the_docs_exists() -> None:
    folders = "zoo_core|cli|plugins|docs|tests|benchmarks|examples"
    found = {path for page in PAGES for path in re.findall(rf"`((?:{folders})/[\w/.-]+)`", page.read_text("utf-8"))}
    assert len(found) >= 5
    moving = "tests/core/"  # its folders follow the packages one by one
    assert sorted(path for path in found if not (ROOT / path).exists() and not path.startswith(moving)) == []
