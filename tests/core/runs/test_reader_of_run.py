"""How a run reads: its own data by its own settings, other data by what is given."""

from __future__ import annotations

import pytest
from attrs import evolve

from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.errors import DataError, PluginError, RecipeError
from zoo_core.recipes.fingerprints import component_fingerprints
from zoo_core.recipes.recipe import load_recipe
from zoo_core.runs.load import open_run
from zoo_core.training.pipeline import train

ROWS = [("gut, sehr gut \u00fc", "ja"), ("schlecht, nein", "nein")] * 20
SETTINGS = ("task.text=1", "task.label=2", "training.epochs=1", "reader.header=false", "reader.encoding=cp1252")


@pytest.fixture(scope="module")
def run(tmp_path_factory, zoo):
    folder = tmp_path_factory.mktemp("reader")
    (folder / "a.csv").write_bytes("".join(f"{text};{label}\n" for text, label in ROWS).encode("cp1252"))
    recipe = load_recipe("text-fast", zoo=zoo).override(*SETTINGS)
    train(recipe, folder / "a.csv", run=folder / "run", reader="{ use = 'csv', delimiter = ';' }")
    return open_run(folder / "run", zoo=zoo)


def test_a_run_stores_how_its_data_is_read(run):
    assert run.plan.reader == ReaderSettings("csv", "cp1252", (("delimiter", ";"), ("header", False)))
    assert run.summary["data"]["reader"] == "csv"
    assert component_fingerprints(run.plan, run.zoo.registry)["reader"]["name"] == "csv"
    assert run.evaluate()["rows"] == len(ROWS) * 0.15


def test_other_data_is_read_anew_or_as_it_is_told(run, tmp_path):
    (tmp_path / "b.csv").write_text("1,2\ngut,ja\nnein,nein\n")
    assert run.evaluate(tmp_path / "b.csv")["rows"] == 2
    assert len(run.predict(str(tmp_path / "b.csv")).labels) == 2
    (tmp_path / "c.csv").write_bytes("gut \u00fc;ja\n".encode("cp1252"))
    with pytest.raises(DataError, match=r'not UTF-8.*set reader.encoding to "cp1252"'):
        run.evaluate(tmp_path / "c.csv")
    told = run.override("reader.header=false", "reader.encoding=cp1252")
    assert told.evaluate(tmp_path / "c.csv")["rows"] == 1
    assert told.evaluate()["rows"] == len(ROWS) * 0.15
    assert run.evaluate(tmp_path / "c.csv", reader="{ header = false, encoding = 'cp1252' }")["rows"] == 1


def test_only_task_and_reader_of_a_run_can_be_changed(run):
    with pytest.raises(RecipeError, match="only the settings of its task and of reading"):
        run.override("reader.header=false", "training.epochs=3")


def test_a_run_of_an_earlier_version_has_the_reader_with_its_data(run, tmp_path):
    (tmp_path / "d.txt").write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in ROWS))
    recipe = load_recipe("text-fast", zoo=run.zoo).override("training.epochs=1")
    new = train(recipe, tmp_path / "d.txt", run=tmp_path / "run", reader="csv")
    assert evolve(new, plan=evolve(new.plan, reader=ReaderSettings())).evaluate() == new.evaluate()


def test_a_run_whose_reader_is_gone_names_the_plugin(run, zoo):
    from zoo_core.config.zoo import open_zoo

    with pytest.raises(PluginError):
        open_run(run.folder, zoo=open_zoo(disabled=("textbook",)))
