"""Invalid recipes, settings and calls: exit code, location and hint; no files are left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

SETTINGS = [
    # the setting, and the message: location, problem, hint
    ("epohcs=3", "--set epohcs=3: epohcs: unknown slot or table", 'did you mean "training.epochs"?'),
    ("training.epohcs=3", 'training.epohcs: unknown setting "epohcs"', 'did you mean "epochs"?'),
    ("model.hiden=[3]", 'model.hiden: unknown setting "hiden"', "hint: choose from output"),
    ("model=perceptrn", 'unknown model "perceptrn"', 'did you mean "perceptron"?'),
    ("model.output=sigmiod", 'model.output: unknown activation "sigmiod"', 'did you mean "sigmoid"?'),
    ("training.metrics=['acuracy']", "training.metrics.0: unknown metric", 'did you mean "accuracy"?'),
    ("training.metrics=[accuracy]", "training.metrics: must be a list of metric names", 'not the invalid TOML "[acc'),
    ('vectorizer.punctuation="x', "vectorizer.punctuation: must be true or false", 'not the invalid TOML ""x"'),
    ("training.class_weights={ a = 1, a = 2 }", 'not the invalid TOML "{ a = 1, a', "write numbers by class"),
    ("training.metrics=accuracy", "training.metrics: must be a list of metric names", "string"),
    ("model=os.system", 'unknown model "os.system"', "mlp, perceptron"),
    ("model=true", 'unknown model "true"', "mlp, perceptron"),
    ("model=[1]", "must be the name of a component of kind model", "a list"),
    ('optimizer.lr="0.1"', "optimizer.lr: must be a number", 'not the string "0.1"'),
    ("optimizer.lr=big", "optimizer.lr: must be a number", 'not the string "big"'),
    ("optimizer.lr=true", "optimizer.lr: must be a number", "not true"),
    ("optimizer.lr=nan", "optimizer.lr: must be finite", "nan"),
    ("optimizer.lr=inf", "optimizer.lr: must be finite", "inf"),
    ("optimizer.lr=1e999", "optimizer.lr: must be finite", "inf"),
    ("optimizer.lr=0", "optimizer.lr: must be above 0", "not 0"),
    ("optimizer.beta1=1", "optimizer.beta1: must be at least 0 and below 1", "not 1"),
    ("optimizer.betas=1", 'unknown setting "betas"', 'did you mean "beta'),
    ("training.epochs=true", "training.epochs: must be a whole number", "not true"),
    ("training.epochs=1.5", "training.epochs: must be a whole number", "not 1.5"),
    ("training.epochs=0", "training.epochs: must be at least 1", "not 0"),
    ("training.seed=99999999999999999999", "training.seed: must fit into 64 bits", ""),
    ("training.seed=-1", "training.seed: must be at least 0", "not -1"),
    ("training.device=tpu", "training.device: must be", '"auto" | "cpu" | "cuda"'),
    ("training=3", "training: must be a table", "not 3"),
    ("training.monitor=acuracy", 'training.monitor = "acuracy"', "loss, accuracy, f1"),
    ("vectorizer.punctuation=1", "vectorizer.punctuation: must be true or false", "not 1"),
    ("vectorizer.cutoff=-1", "vectorizer.cutoff: must be at least 0", "not -1"),
    ("task.text=", "task.text: must not be empty", ""),
    ("split.train=0.9", "split: shares must sum to 1", "1.2"),
    ("nonsense", '"nonsense" is not KEY=VALUE', "optimizer.lr=0.1"),
    (".=1", '".=1" is not KEY=VALUE', "optimizer.lr=0.1"),
]


@pytest.mark.parametrize(("given", "expected", "hint"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_invalid_setting_is_rejected(zoo, refused, reviews, given, expected, hint):
    refused(zoo("train", "yelp-perceptron", "--data", reviews, "--set", given), 2, expected, hint)


def test_all_problems_are_reported_at_once(zoo, refused, reviews):
    wrong = ("optimizer.lr=nan", "training.epochs=0", "optimizer.beta=1", "modle=mlp", "loss=hinged")
    given = [word for one in wrong for word in ("--set", one)]
    refused(zoo("train", "yelp-perceptron", "--data", reviews, *given), 2, *(f"--set {one}" for one in wrong), lines=5)


def test_settings_are_checked_before_the_data_is_read(zoo, refused):
    refused(zoo("train", "yelp-perceptron", "--data", "none.csv", "--set", "training.epochs=0"), 2, "training.epochs")


RECIPE = """extends = "yelp-perceptron"

[optimizer]
use = "adam"
lr = "0.1"

[training]
epohcs = 3
epochs = true
batch_size = 0

[modle]
use = "mlp"
"""


def test_recipe_file_is_rejected_with_line_numbers(zoo, refused, reviews):
    Path("mine.toml").write_text(RECIPE, encoding="utf-8")
    result = (
        'mine.toml:5: optimizer.lr: must be a number, not the string "0.1"',
        'mine.toml:8: training.epohcs: unknown setting "epohcs" (hint: did you mean "epochs"?)',
        "mine.toml:9: training.epochs: must be a whole number, not true",
        "mine.toml:10: training.batch_size: must be at least 1, not 0",
        'mine.toml:12: modle: unknown slot or table "modle" (hint: did you mean "model"?)',
    )
    refused(zoo("train", "mine.toml", "--data", reviews), 2, *result, lines=5)


FILES = [
    ("[optimizer\nlr = 1", "mine.toml:1: invalid TOML"),
    ("[training]\nepochs = 1\nepochs = 2\n", "mine.toml:3: invalid TOML"),
    ('extends = "yelp-percepton"', 'mine.toml:1: unknown recipe "yelp-percepton" (hint: did you mean "yelp-percep'),
    ('\nextends = "mine.toml"', "mine.toml:2: circular extends"),
    ("\n\nextends = 3", "mine.toml:3: extends: must be the name of a recipe"),
    ('x = "' + "a" * 300_000 + '"', "mine.toml: larger than 256 KiB"),
    ("\nx = " + "[" * 2000, "mine.toml:2: nested more than 32 levels deep"),
]


@pytest.mark.parametrize(("text", "expected"), FILES, ids=[row[1][:40] for row in FILES])
def test_invalid_recipe_file_is_rejected(zoo, refused, reviews, text, expected):
    Path("mine.toml").write_text(text, encoding="utf-8")
    refused(zoo("train", "mine.toml", "--data", reviews), 2, expected)


CALLS = [
    (("train", "text-tagging"), 'unknown recipe "text-tagging" (hint: recipes with this task: tags-fast, tags-cnn)'),
    (("train", "yelp-perceptrn"), 'unknown recipe "yelp-perceptrn" (hint: did you mean "yelp-perceptron"?'),
    (("train", "none.toml"), "no such file: none.toml"),
    (("train",), "missing argument 'RECIPE'"),
    (("trian",), 'unknown command "trian" (hint: did you mean "train"?)'),
    (("train", "yelp-perceptron", "--epoch", "3"), 'no such option: --epoch (hint: did you mean "--epochs"?)'),
    (("train", "yelp-perceptron", "--epochs", "0"), "--epochs 0: training.epochs: must be at least 1"),
    (("train", "yelp-perceptron", "--lr", "big"), "--lr big: optimizer.lr: must be a number"),
    (("train", "yelp-perceptron", "--seed", "x"), "--seed x: training.seed: must be a whole number"),
    (("train", "yelp-perceptron", "--device", "tpu"), '--device tpu: training.device: must be "auto"'),
    (("evaluate", "runs/1", "--split", "test"), "hint: use --on test"),
    (("list", "--no-plugin", "x"), "hint: options of zoo stand before the command, as in: zoo --no-plugin x list"),
    (("predict", "runs/1", "--data"), "hint: see zoo predict --help"),
    (("train", "text-mlp"), "--data FILE"),
    (("data", "sample", "--rows", "0"), 'got "0", expected a whole number between 1 and 100,000,000'),
    (("data", "sample", "--task", "text-classification"), 'task "text-classification" has no sample data'),
    (("explain",), "missing argument 'RUN'"),
]


@pytest.mark.parametrize(("call", "expected"), CALLS, ids=[" ".join(row[0]) for row in CALLS])
def test_invalid_usage_is_rejected(zoo, refused, call, expected):
    refused(zoo(*call), 2, expected)


MISFITS = [
    (("loss=bce",), 'loss "bce" expects probabilities', "model.output = sigmoid"),
    (("loss=bce",), 'with output = "identity"', "loss = bce-with-logits, cross-entropy, focal, hinge, huber, mse"),
    (("model.output=sigmoid",), 'expects logits, model "perceptron" outputs probabilities', "loss = bce"),
    (("loss=cross-entropy", "model.output=softmax"), "outputs distribution", "model.output = elu, identity"),
    (("model=mlp", "loss=bce"), 'model "mlp" outputs logits', "loss = bce-with-logits"),
    (("loss=mse", "training.metrics=['log-loss']"), 'metric "log-loss" needs probabilities', "bce-with-logits"),
    (("model=mlp", "model.activation=softmax"), 'expected acts = "elementwise"', "silu, softplus and 1 more"),
]


@pytest.mark.parametrize(("given", "expected", "fits"), MISFITS, ids=[" ".join(row[0]) for row in MISFITS])
def test_incompatible_components_are_rejected_before_the_data_is_read(zoo, refused, given, expected, fits):
    settings = [word for one in given for word in ("--set", one)]
    refused(zoo("train", "yelp-perceptron", "--data", "none.csv", *settings), 2, expected, fits)


def test_conflict_in_the_tutorial_is_current(zoo):
    result = zoo("train", "yelp-perceptron", "--set", "loss=bce").err
    assert result in (Path(__file__).parents[2] / "docs/tutorial/03-losses.md").read_text("utf-8")
    assert result.startswith("zoo: error: ")


def test_suggested_components_fit(zoo, reviews):
    few = ("--data", reviews, "--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")
    hint = zoo("train", "yelp-perceptron", "--set", "loss=bce", *few).err.partition("hint: use ")[2].rstrip(")\n")
    for choice in hint.split("; or "):
        slot, _, names = choice.partition(" = ")
        for name in names.split(", "):
            given = () if slot == "loss" else ("--set", "loss=bce")
            assert zoo("train", "yelp-perceptron", *given, "--set", f"{slot}={name}", *few).code == 0, name


def test_binary_loss_rejects_five_classes(zoo, refused):
    lines = ["text,label", *(f"words number {i},class {i % 5}" for i in range(60))]
    Path("five.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    call = ("train", "text-mlp", "--data", "five.csv", "--set", "loss=bce-with-logits")
    refused(zoo(*call), 2, "is for two classes, the data has 5", "loss = cross-entropy, focal, hinge, huber, mse")


def test_traceback_only_with_debug(zoo, reviews):
    call = ("train", "yelp-perceptron", "--data", reviews, "--set", "training.epochs=0")
    assert "Traceback" not in zoo(*call).err
    under = zoo("--debug", *call)
    assert (under.code, under.out) == (2, "")
    assert "Traceback (most recent call last)" in under.err
    assert "zoo: error: --set training.epochs=0" in under.lines[-1]
