"""What Python code sees of a run: encoded texts, vocabulary, weights, history, figures, tables, pickles."""

from __future__ import annotations

import pickle
from copy import deepcopy

import pytest
import torch

from zoo_core import fit_vectorizer, load_component, plot
from zoo_core.errors import RecipeError, RunFolderError
from zoo_core.evaluation.shown_tables import ShownAsTable


def test_encoded_texts_are_the_words_and_the_vector(trained):
    word = trained.vocabulary[1]
    encoded = trained.encode([f"{word} {word}", "Unheardof!", ""])
    assert encoded.words == ((word, word), ("unheardof", "!"), ())
    assert encoded.vectors.shape == (3, len(trained.vocabulary))
    assert encoded.vectors[0].nonzero().tolist() == [[1]]
    assert encoded.frame().filter(text=0).rows() == [(0, word, 1.0)]
    assert word in repr(encoded) and word in encoded._repr_html_()
    torch.testing.assert_close(trained.model(encoded.vectors), trained.model(encoded.features))
    assert trained.encode([word]).vector.shape == (len(trained.vocabulary),)
    with pytest.raises(RecipeError, match="use `vectors`"):
        _ = encoded.vector
    with pytest.raises(RecipeError, match="must be a list"):
        trained.encode("good food")
    with pytest.raises(RecipeError, match="not int"):
        trained.encode(5)
    for copied in (deepcopy(encoded), pickle.loads(pickle.dumps(encoded))):  # noqa: S301
        assert copied.frame().equals(encoded.frame())
        assert copied.features.raw_ids.dtype == encoded.features.raw_ids.dtype


def test_weights_of_a_word_are_those_of_the_model(trained):
    word = trained.vocabulary[2]
    weight = trained.module.affine.linear.weight[2, 0].item()
    expected = dict(zip(trained.classes, (-weight, weight), strict=True))
    assert trained.weights_of(word) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(RecipeError, match=f'did you mean "{word}"'):
        trained.weights_of(f"{word}x")
    with pytest.raises(RecipeError, match="named by a text, not by NoneType"):
        trained.weights_of(None)


def test_history_is_a_frame_of_every_epoch(trained):
    history = trained.history
    assert history["epoch"].to_list() == list(range(1, trained.summary["epochs"] + 1))
    assert {"train_loss", "val_loss"} <= set(history.columns)


def test_runs_and_predictions_print_as_tables(trained):
    predictions = trained.predict(["<b>good</b>", "bad"])
    assert isinstance(predictions, ShownAsTable)
    assert "label" in repr(predictions) and "<table" in predictions._repr_html_()
    assert trained.explain("good").frame().columns == ["token", "value"] and "token" in repr(trained.explain(""))
    assert str(trained.folder) in repr(trained)
    assert "<table" in trained._repr_html_() and "<Run" not in trained._repr_html_()


class Hostile(ShownAsTable):
    """A table with a cell that must not reach a terminal or a page as it is."""

    def frame(self):
        import polars as pl

        return pl.DataFrame({"<i>": ["\x1b[31m<script>"]})


def test_cells_are_escaped():
    assert "\x1b" not in repr(Hostile())
    assert "<script>" not in Hostile()._repr_html_() and "<i>" not in Hostile()._repr_html_()


def test_a_run_is_pickled_by_its_folder(trained, tmp_path):
    changed = trained.with_threshold(0.7).override({"task.text": "other", "reader.encoding": "cp949"})
    for again in (pickle.loads(pickle.dumps(changed)), deepcopy(changed)):  # noqa: S301
        assert (again.head, again.plan, again.other_reader) == (changed.head, changed.plan, changed.other_reader)
        assert torch.equal(again.predict(["good"]).values, changed.predict(["good"]).values)
    assert len(pickle.dumps(trained)) < 5_000
    from attrs import evolve

    with pytest.raises(RunFolderError, match="pickled by its folder"):
        pickle.dumps(evolve(trained, folder=tmp_path / "none"))


def test_figures_are_those_of_matplotlib_and_change_no_state(trained, tmp_path):
    import matplotlib
    from matplotlib.figure import Figure

    before = dict(matplotlib.rcParams)
    figures = [
        plot("activation", ["relu", {"use": "prelu", "init": 0.1}, load_component("activation", "elu", alpha=2.0)]),
        plot("loss", "mse"),
        trained.plot("curves"),
        plot("run", trained.folder, only=["confusion"], on="val"),
    ]
    assert all(isinstance(figure, Figure) for figure in figures)
    assert [axes.get_title(loc="left") for axes in figures[0].axes] == ["relu", "prelu init=0.1", "elu alpha=2.0"]
    assert figures[2]._repr_png_().startswith(b"\x89PNG")
    figures[1].save(tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        (("activatoin",), {}, 'did you mean "activation"'),
        (("activation", ["rleu"]), {}, 'did you mean "relu"'),
        (("activation", load_component("loss", "mse")), {}, "got the loss mse"),
        (("activation", "relu"), {"init": 1}, 'unknown option "init"'),
        (("run", 3), {}, "a run or its folder"),
    ],
)
def test_what_cannot_be_plotted(arguments, options, expected):
    with pytest.raises(RecipeError, match=expected):
        plot(*arguments, **options)


def test_an_unknown_panel_is_an_error(trained):
    with pytest.raises(RecipeError, match='did you mean "curves"'):
        trained.plot("curve")


def test_a_vectorizer_is_fitted_on_texts():
    fitted = fit_vectorizer("ngrams", ["good food", "good place", "bad food"], ["yes", "yes", "no"])
    assert fitted.vocabulary == ("food", "good")
    assert fitted.transform(["good food"]).words == (("good", "food"),)
    count = fit_vectorizer(load_component("vectorizer", "count", cutoff=0), ["good good food"])
    assert count.transform(["good good"]).vector.tolist()[count.vocabulary.index("good")] == 2
    with pytest.raises(RecipeError, match="got 1 labels"):
        fit_vectorizer("ngrams", ["a", "b"], ["x"])
    with pytest.raises(RecipeError, match="list of strings"):
        fit_vectorizer("ngrams", ["a", None])
