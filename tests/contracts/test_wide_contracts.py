"""Components with wide contracts: trained, evaluated, compared, explained, opened again."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from hashlib import sha256

import pytest
import torch
from attrs import evolve

import zoo_calibration
import zoo_ngrams
import zoo_textbook
from tests.contracts import wide_plugin
from zoo_core import (
    Loss,
    call_build,
    fit,
    load_component,
    load_recipe,
    open_run,
    open_zoo,
    prepare,
    resume,
    swap,
    train,
)
from zoo_core.components.building.call import trainable_parameters
from zoo_core.errors import InputOutputError, PluginError, RecipeError, RunFolderError
from zoo_core.recipes.conflicts import find_conflicts
from zoo_core.runs import store
from zoo_core.training.loop import train_epoch
from zoo_core.training.training_run import build_checked

WORDS = {"bad": "cold rude", "fine": "plain usual", "good": "warm kind"}
FAST = ("vectorizer.cutoff=0", "training.epochs=6", "training.batch_size=16", "training.patience=0")
SLOW_RUNS = [
    pytest.param(loss, classes, marks=pytest.mark.slow)
    for loss, classes in [("corn", 2), ("coral", 3), ("one-vs-rest-by-score", 3), ("logit-adjusted", 3), ("ldam", 3)]
]
SHORT = ("training.epochs=3", "training.checkpoint=0")


@pytest.fixture(scope="module")
def wide():
    return open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "ngrams": zoo_ngrams, "wide": wide_plugin}
    )


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """A file for two, and one for three classes; the last class is rarer."""
    paths = {}
    for classes in (2, 3):
        draw, lines = random.Random(classes), ["label,text"]
        for row in range(96):
            label = list(WORDS)[min(row % 4, classes - 1)]
            lines.append(f"{label},{' '.join(draw.choices(WORDS[label].split(), k=3))} {label} x{row}")
        paths[classes] = tmp_path_factory.mktemp("data") / f"{classes}.csv"
        paths[classes].write_text("\n".join(lines) + "\n")
    return paths


@pytest.fixture(scope="module")
def recipe_of(wide):
    def made(*settings, model="linear"):
        base = load_recipe("text-mlp", zoo=wide)
        return base.with_assignments("vectorizer=one-hot", f"model={model}", "optimizer=adam", *FAST, *settings)

    return made


@pytest.fixture(scope="module")
def runs(wide, recipe_of, tables, tmp_path_factory):
    """`runs(loss, classes)`: a trained run of a loss, opened again from its folder."""
    made = {}

    def of(loss, classes):
        if (loss, classes) not in made:
            folder = tmp_path_factory.mktemp("runs") / "run"
            trained = train(recipe_of(f"loss={loss}", "optimizer.lr=0.1"), tables[classes], run=folder)
            made[loss, classes] = trained, open_run(folder, zoo=wide)
        return made[loss, classes]

    return of


@pytest.mark.parametrize(("loss", "classes"), [("corn", 3), ("coral", 2), ("one-vs-rest", 3), ("ldam", 2), *SLOW_RUNS])
def test_a_run_is_the_same_when_it_is_opened_again(runs, tables, loss, classes):
    trained, opened = runs(loss, classes)
    assert opened.head == trained.head and sum(opened.head.class_counts) == trained.summary["rows"]["train"]
    found = opened.evaluate()
    assert {name: found[name] for name in ("loss", "accuracy")} == {
        name: trained.summary["metrics"]["test"][name] for name in ("loss", "accuracy")
    }
    assert found["accuracy"] >= 0.9
    predictions = opened.predict(["good warm", "bad cold"])
    assert predictions.labels == (["good", "bad"] if classes == 3 else [predictions.labels[0], "bad"])
    assert torch.allclose(predictions.values.sum(dim=1), torch.ones(2), atol=1e-6)
    explained = opened.explain("bad cold")
    assert explained.predicted == "bad" and explained.contributions


@pytest.mark.parametrize("loss", ["corn", "coral"])
def test_a_threshold_works_or_is_refused_in_words(runs, loss):
    _, opened = runs(loss, 2)
    if opened.plan.loss.has_own_prediction():
        with pytest.raises(RecipeError, match="rule of its own for predictions, without a threshold"):
            opened.with_threshold(0.9)
    else:
        assert set(opened.with_threshold(1.0).predict(["bad", "fine plain"]).labels) == {"bad"}
    with pytest.raises(RecipeError, match="two classes"):
        runs(loss, 3)[1].with_threshold(0.9)


def test_counts_are_those_of_the_training_split(runs, tables, wide, tmp_path):
    """On other data, too; a run without them opens, and evaluation says what is missing."""
    trained, opened = runs("logit-adjusted", 3)
    other = tmp_path / "other.csv"
    other.write_text("label,text\n" + "good,warm kind\n" * 4 + "bad,cold\n")
    module = opened.evaluator().loss
    assert torch.equal(module.shift, (torch.tensor(trained.head.class_counts) / sum(trained.head.class_counts)).log())
    assert opened.evaluate(other)["rows"] == 5
    assert torch.equal(opened.evaluator().loss.shift, module.shift)
    copy = tmp_path / "copy"
    shutil.copytree(trained.folder, copy)

    def rewrite(**changes):
        head = {**json.loads((trained.folder / "head.json").read_bytes()), **changes}
        data = store.to_json({key: value for key, value in head.items() if value is not None})
        (copy / "head.json").write_bytes(data)
        manifest = json.loads((copy / store.MANIFEST).read_bytes())
        manifest["files"]["head.json"] = sha256(data).hexdigest()
        (copy / store.MANIFEST).write_bytes(store.to_json(manifest))

    rewrite(class_counts=None)
    old = open_run(copy, zoo=wide)
    assert old.predict(["good warm"]).labels == ["good"]
    with pytest.raises(RunFolderError, match="needs the class counts of the training split"):
        old.evaluate(other)
    for wrong in ([1, 2], [1, 2, -3], [1, 2, "3"], {}, [1, 2, True], [1, 2, 1e300]):
        rewrite(class_counts=wrong)
        with pytest.raises(RunFolderError, match="invalid class counts"):
            open_run(copy, zoo=wide)


@pytest.mark.slow
def test_losses_are_swapped_over_folds(wide, recipe_of, tables, tmp_path):
    recipe = recipe_of("training.epochs=1", "loss=cross-entropy")
    found = swap(recipe, "loss=cross-entropy,corn,ldam", data=tables[3], folds=2, run=tmp_path / "swap")
    assert len(found.frame()) == 3
    records = [json.loads(path.read_bytes()) for path in (tmp_path / "swap" / "records").glob("*.json")]
    assert all(sum(record["class_counts"]) == record["rows"]["train"] for record in records) and len(records) == 6


@pytest.mark.slow
def test_a_loss_with_counts_is_compared_by_its_loss(recipe_of, tables, tmp_path):
    recipe = recipe_of("training.epochs=1", "loss=logit-adjusted")
    found = swap(recipe, "optimizer.lr=0.01,0.1", data=tables[3], metric="loss", folds=2, run=tmp_path / "swap")
    assert len(found.frame()) == 2


def forms_of_scores(wide):
    """A perceptron with an activation of each form at the end."""
    forms = {}
    for name in wide.registry.names("activation"):
        component = load_component("activation", name, zoo=wide)
        forms.setdefault((component.output_form(), component.acts), name)
    return [["model=perceptron", f"model.output={name}"] for name in forms.values()]


def models(wide):
    """Every model with its defaults, and a perceptron with every activation at the end."""
    outputs = wide.registry.names("activation")
    of_perceptron = [["model=perceptron", f"model.output={name}"] for name in outputs]
    return [[f"model={name}"] for name in wide.registry.names("model")] + of_perceptron


@pytest.mark.parametrize("models_of", [forms_of_scores, pytest.param(models, marks=pytest.mark.slow)])
def test_what_fits_can_be_trained(wide, recipe_of, tables, models_of):
    """Every loss with every form of scores, for two and three classes; what does not fit is refused with the words."""
    prepared = {classes: prepare(recipe_of("loss=cross-entropy"), path) for classes, path in tables.items()}
    fitting = set()
    for loss, model in itertools.product(wide.registry.names("loss"), models_of(wide)):
        settings = [*model, f"loss={loss}", "optimizer=sgd"]
        recipe = recipe_of(*settings)
        plan = recipe.plan()
        fits_any = not find_conflicts(plan)
        for classes, data in prepared.items():
            conflicts = find_conflicts(plan, classes)
            is_only_binary = classes > 2 and plan.loss.labels == "binary"
            assert fits_any == (not conflicts) or is_only_binary, (settings, classes)
            if conflicts:
                with pytest.raises((RecipeError, PluginError)) as caught:
                    fit(recipe, data)
                assert conflicts[0].message in str(caught.value), (settings, classes)
            else:
                take_step(wide, plan, data)
                fitting.add((loss, classes))
    assert {loss for loss, classes in fitting if classes == 2} == set(wide.registry.names("loss"))


def take_step(zoo, plan, data):
    """The preflight check, a step of training and an evaluation."""
    built = build_checked(zoo.registry, plan, data)
    optimizer = call_build(plan.optimizer, **trainable_parameters(built.module, len(data.splits["train"])))
    built.evaluator.loss(built.module(data.splits["train"].features), data.splits["train"].targets).backward()
    optimizer.step()
    assert built.evaluator.evaluate(built.module, data.splits["val"])["loss"] < 100
    if built.head.has_probabilities:
        scores = built.evaluator.score(built.module, data.splits["val"])
        assert torch.allclose(built.head.probabilities(scores).sum(dim=1), torch.ones(len(scores)), atol=1e-5)


def broken(outputs, link="softmax", labels="any", expects="logits", **methods):
    body = {"__doc__": "A loss.", "name": "broken", "expects": expects, "link": link, "labels": labels, **methods}
    cls = type("Broken", (Loss,), {**body, "outputs": lambda self, classes: outputs(classes)})
    return cls()


@pytest.mark.parametrize(
    ("loss", "problem"),
    [
        (broken(lambda n: 1), "link softmax needs an output for each class: outputs(2) returned 1"),
        (broken(lambda n: 2), "link softmax needs an output for each class: outputs(3) returned 2"),
        (broken(lambda n: min(n, 5)), "link softmax needs an output for each class: outputs(6) returned 5"),
        (broken(lambda n: n, "sigmoid"), "link sigmoid needs one output, for two classes: outputs(2) returned 2"),
        (broken(lambda n: 1, "sigmoid"), "link sigmoid needs one output, for two classes: outputs(3) returned 1"),
        (broken(lambda n: n - 1, "none"), "outputs(3) returned 2, expected 3"),
        (broken(lambda n: 0, "own"), "outputs(2) returned 0, expected a positive number"),
        (broken(lambda n: 2.0), "outputs(2) returned 2.0, expected a positive number"),
        (broken(lambda n: True, "sigmoid"), "outputs(2) returned True, expected a positive number"),
        (broken(lambda n: 1 // 0), "outputs(2) raised ZeroDivisionError"),
        (broken(lambda n: 1, "identity", "binary", "distribution"), "a distribution over one output is always 1"),
        (broken(lambda n: n, "identity", expects="probabilities"), "single probabilities do not sum to 1"),
    ],
)
def test_outputs_that_do_not_suit_the_link(recipe_of, loss, problem):
    plan = evolve(recipe_of("loss=cross-entropy").plan(), loss=loss)
    assert any(problem in conflict.message for conflict in find_conflicts(plan)), find_conflicts(plan)
    assert not any(conflict.breach for conflict in find_conflicts(evolve(plan, loss=broken(lambda n: n)), 4))


def test_balanced_weights_need_a_loss_that_takes_them(recipe_of, tables):
    with pytest.raises(RecipeError, match='class_weights = "balanced", loss "logit-adjusted" takes no class weights'):
        train(recipe_of("loss=logit-adjusted", "training.class_weights=balanced"), tables[3])


def test_a_model_in_a_slot_of_a_model(wide, recipe_of, tables, tmp_path):
    def conflicts(*settings):
        return [conflict.message for conflict in find_conflicts(recipe_of(*settings, model="tempered").plan())]

    loss = "loss=cross-entropy"
    assert conflicts(loss) == [] and conflicts(loss, "model.inner=mlp") == []
    assert any("sparse" in message for message in conflicts(loss, "model.inner=embedding-bag"))
    assert conflicts(loss, "model.inner=embedding-bag", "optimizer=sgd") == []
    assert any(
        "outputs scores" in text for text in conflicts(loss, "model.inner=perceptron", "model.inner.output=tanh")
    )
    recipe = recipe_of(loss, "model.inner=mlp", "model.inner.hidden=[4]", "optimizer.lr=0.1", model="tempered")
    run = train(recipe, tables[3], run=tmp_path / "run")
    opened = open_run(tmp_path / "run", zoo=wide)
    assert opened.evaluate()["loss"] == run.summary["metrics"]["test"]["loss"]
    components = json.loads((tmp_path / "run" / "components.json").read_bytes())
    assert components["model.inner"]["name"] == "mlp" and components["model.inner.activation"]["code"]


@pytest.mark.slow
def test_an_inner_model_is_swapped(recipe_of, tables, tmp_path):
    recipe = recipe_of("loss=cross-entropy", "training.epochs=1", model="tempered")
    found = swap(recipe, "model.inner=linear,word-vectors", data=tables[3], seeds=1, run=tmp_path / "swap")
    assert len(found.frame()) == 2


def test_pretrained_vectors_are_found_by_the_names_of_features(wide, recipe_of, tables, tmp_path):
    prepared = prepare(recipe_of("loss=cross-entropy"), tables[3])
    names = prepared.encoder.feature_names()
    recipe = recipe_of("loss=cross-entropy", "optimizer=sgd", "optimizer.lr=1e-9", model="word-vectors")
    weight = fit(recipe, prepared, run=tmp_path / "run").module.embedding.weight
    assert torch.allclose(weight[names.index("good")], torch.tensor([1.0, 0.5, 0.25]), atol=1e-4)
    assert torch.allclose(weight[names.index("plain")], torch.zeros(3), atol=1e-4)
    assert torch.equal(open_run(tmp_path / "run", zoo=wide).module.embedding.weight, weight)
    nested = recipe_of("loss=cross-entropy", "model.inner=word-vectors", model="tempered")
    assert fit(nested, prepared, run=tmp_path / "nested").module.inner.embedding.weight.shape == weight.shape
    for model in (["model=word-vectors"], ["model=tempered", "model.inner=word-vectors"]):
        hashed = load_recipe("text-mlp", zoo=wide).with_assignments("vectorizer=hashed-ngrams", *model)
        message = 'model "word-vectors" needs names of features, vectorizer "hashed-ngrams" has none'
        assert message in [conflict.message for conflict in find_conflicts(hashed.plan())]


@pytest.mark.parametrize(
    "name",
    [
        "layer-rates",
        "quasi-newton",
        pytest.param("adamw-without-bias-decay", marks=pytest.mark.slow),
        pytest.param("sharpness-aware", marks=pytest.mark.slow),
    ],
)
def test_an_optimizer_trains_and_resumes_to_the_same_bytes(wide, recipe_of, tables, tmp_path, monkeypatch, name):
    settings = (
        "loss=cross-entropy",
        f"optimizer={name}",
        "model.dropout=0.2",
        "model.hidden=[8]",
        "training.checkpoint=0",
    )
    recipe = recipe_of(*settings, *SHORT, "training.l1=0.0001", "training.clip=5.0", model="mlp")
    history = train(recipe, tables[3], run=tmp_path / "whole").history["train_loss"].to_list()
    assert history[-1] < history[0]
    epochs = []

    def stop(*args, **kwargs):
        epochs.append(1)
        if len(epochs) == 2:
            raise InputOutputError("power cut")
        return train_epoch(*args, **kwargs)

    monkeypatch.setattr("zoo_core.training.loop.train_epoch", stop)
    with pytest.raises(InputOutputError, match="power cut"):
        train(recipe, tables[3], run=tmp_path / "cut")
    monkeypatch.undo()
    resume(tmp_path / "cut", zoo=wide)
    for file in ("model.safetensors", "metrics.jsonl"):
        assert (tmp_path / "cut" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
