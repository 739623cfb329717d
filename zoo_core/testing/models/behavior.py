"""Checks of the scores of models: their shape, type and form, and what can be learned."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Model
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import assert_close, assert_finite
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.inputs import WIDTH
from zoo_core.testing.models.features import Features, all_features, many_rows, width_of
from zoo_core.testing.models.modules import (
    OUTPUTS,
    build_model,
    build_noisy,
    is_trainable,
    layouts_of,
    predict,
    size_of,
    train,
)

TRAINING_STEPS = 200
MIN_ACCURACY = 0.9  # on the tiny task
NUMBERS_OF_OUTPUTS = (1, 2, 6)
ENDS_SHARE = 0.05  # of the scores, at each end of a range: scores that are cut off
GROWTH = (100.0, 300.0)  # factors of the weights


@register_check("model", "scores must be (batch, outputs), also for one row, one feature or one output")
def shape_of_scores(subject: Subject) -> None:
    for where, features in all_features(layouts_of(subject)):
        for outputs in NUMBERS_OF_OUTPUTS if len(features) in (1, 512) else (OUTPUTS,):
            module = build_model(subject, outputs, width=width_of(features))
            shapes = {"in evaluation": predict(module, features, where).shape}
            if is_trainable(features):
                shapes["in training"] = train(module, features, where).shape
            for mode, shape in shapes.items():
                expected = (len(features), outputs)
                text = (
                    f"for {where} and {outputs} outputs the scores have the shape {tuple(shape)} instead of {expected}"
                )
                assert shape == expected, f"{text}, {mode}"


@register_check("model", "NaN would spread through the training; a text may be empty")
def finite_scores(subject: Subject) -> None:
    for where, features in all_features(layouts_of(subject)):
        module = build_model(subject, width=width_of(features))
        assert_finite(predict(module, features, where), f"for {where} a score")
        if is_trainable(features):
            assert_finite(train(module, features, where), f"for {where} a score in training mode")


@register_check("model", "the loss, the optimizer and the metrics rely on the type of the weights")
def type_of_scores(subject: Subject) -> None:
    for layout in layouts_of(subject):
        features = many_rows(layout)
        for name, scores in (
            ("evaluation", predict(build_model(subject, width=width_of(features)), features)),
            ("training", train(build_model(subject, width=width_of(features)), features)),
        ):
            got = str(scores.dtype).removeprefix("torch.")
            assert scores.dtype == torch.float32, f"the scores are {got} instead of float32 in {name} mode ({layout})"


@register_check("model", "a loss is compatible with the form of scores that the model declares")
def form_of_scores_as_declared(subject: Subject) -> None:
    form = cast(Model, subject.component).output_form()
    for layout in layouts_of(subject):
        features = many_rows(layout)
        by_growth = [_grown_scores(subject, features, growth) for growth in GROWTH]
        if form == "logits":
            assert not all(map(_are_distributions, by_growth)), (
                f"it declares logits, but its scores are probabilities: they lie in 0 to 1, and sum to 1 ({layout})"
            )
            text = _find_limits(*by_growth)
            assert not text, f"it declares logits, which have no limits, but {text} ({layout})"
        elif form in ("probabilities", "distribution"):
            for scores in by_growth:
                wrong = scores[(scores < 0) | (scores > 1 + 1e-5)]
                assert not len(wrong), f"it declares probabilities, but a score is {float(wrong[0]):.4g} ({layout})"
                text = f"it declares a distribution, but scores of a row sum to {float(scores[0].sum()):.4g} ({layout})"
                assert form == "probabilities" or _are_distributions(scores), text


def _grown_scores(subject: Subject, features: Features, growth: float) -> Tensor:
    module = build_noisy(subject, 6, width=width_of(features))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(growth)
    return predict(module, features)


def _are_distributions(scores: Tensor) -> bool:
    sums = scores.sum(dim=1)
    return bool(((scores >= 0) & (scores <= 1)).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-3)


def _find_limits(scores: Tensor, more: Tensor) -> str:
    """Say where many scores are exactly the lowest or the highest number, for weights of two sizes; "" if they grow."""
    ends = [(float(values.min()), float(values.max())) for values in (scores, more)]
    counts = [int((more == end).sum()) for end in ends[1]]
    if ends[0] != ends[1] or ends[1][0] == ends[1][1] or min(counts) < ENDS_SHARE * more.numel():
        return ""
    (low, high), (lows, highs) = ends[1], counts
    return f"for large weights {lows:,} of {more.numel():,} scores are exactly {low:.4g} and {highs:,} are {high:.4g}"


@register_check("model", "bags use different kernels for float32 and float64, which must agree")
def float32_and_float64_agree(subject: Subject) -> None:
    for where, features in all_features(layouts_of(subject)):
        scores = predict(build_noisy(subject, width=width_of(features)), features, where)
        wide = Dense(features.values.double()) if isinstance(features, Dense) else features
        wide_scores = predict(build_noisy(subject, width=width_of(features)).double(), wide, f"{where} in float64")
        what = f"for {where} the scores in float32 are not those in float64"
        assert_close(scores.double(), wide_scores, what, rtol=1e-3, atol=1e-4 * size_of(wide_scores))


@register_check("model", "a model must learn a linearly separable task", slow=True)
def learns_a_tiny_task(subject: Subject) -> None:
    model = cast(Model, subject.component)
    for layout in layouts_of(subject):
        module, features = build_model(subject, 2), _make_separable_features(layout)
        targets = torch.arange(len(features)) % 2
        parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
        optimizer: torch.optim.Optimizer
        if model.has_sparse_gradients():
            optimizer = torch.optim.SGD(parameters, lr=1.0)
        else:
            optimizer = torch.optim.Adam(parameters, lr=0.05)
        module.train()
        with seeded(7, "dropout"):
            for _ in range(TRAINING_STEPS):
                optimizer.zero_grad()
                scores = module(features)
                scores = scores if model.output_form() == "logits" else scores.clamp(1e-6).log()
                nn.functional.cross_entropy(scores, targets).backward()
                optimizer.step()
        accuracy = float((predict(module, features).argmax(dim=1) == targets).float().mean())
        assert accuracy > MIN_ACCURACY, f"accuracy {accuracy:.0%} on its own training data ({layout})"


def _make_separable_features(layout: str) -> Bag | Sequence | Dense:
    """Return rows whose first feature is the class, 1 for even rows and 2 for odd ones, and whose second is noise."""
    rows = 32
    noise = torch.arange(rows) % 7 + 4
    ids = torch.stack([torch.arange(rows) % 2 + 1, noise], dim=1).reshape(-1).to(torch.int32)
    bag = Bag(ids, torch.arange(0, 2 * rows + 1, 2), None, WIDTH)
    if layout == "sequence":
        return Sequence(bag.ids, bag.offsets, WIDTH)
    return bag if layout == "bag" else Dense(bag.to_dense())
