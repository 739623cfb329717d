"""One try of every part before the first epoch: what breaks its contract is told by name, before hours are spent."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Activation, Metric
from zoo_core.components.head import Head
from zoo_core.components.protocols import Encoder
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import Evaluator, hard_labels
from zoo_core.features.bag import Bag
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.messages import pluralize
from zoo_core.plugins.attribution import checked_build, contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.plan import Plan
from zoo_core.seeds import preserve_rng_state


def resolve_device(plan: Plan) -> torch.device:
    """The device a recipe asks for; RecipeError where there is none such."""
    wanted = plan.training.device
    if wanted == "cuda" and not torch.cuda.is_available():
        raise RecipeError("training.device = cuda, but torch sees no GPU here", hint="--device cpu, or auto")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


ROWS = 2
PIECE = 1 << 14  # rows


def check_activations(registry: Registry, plan: Plan) -> None:
    """PluginError for an activation that is no module, or changes the shape of what it is given."""
    for _, part in iter_components(plan):
        if isinstance(part, Activation):
            with preserve_rng_state(), torch.inference_mode():
                made = checked_build(registry, part)
                if not isinstance(made, nn.Module):
                    raise contract_error(registry, part, f"build() gave {type(made).__name__}, not a torch module")
                out = made.eval()(torch.linspace(-1, 1, 6).view(2, 3))
                if not isinstance(out, Tensor) or out.shape != (2, 3):
                    raise contract_error(registry, part, f"it made {_shown(out)} of scores of shape (2, 3)")


def check_training_step(
    registry: Registry, plan: Plan, module: nn.Module, judge: Evaluator, train: EncodedSplit
) -> None:
    """Score two rows, take their loss and metrics, build optimizer and scheduler; PluginError for what is wrong."""
    for part, made in ((plan.model, module), (plan.loss, judge.loss)):
        if not isinstance(made, nn.Module):
            raise contract_error(registry, part, f"build() gave {type(made).__name__}, not a torch module")
    rows = min(ROWS, len(train))
    with torch.inference_mode():
        scores = module.eval()(train.features.slice(0, rows))
        _check_scores(registry, plan, scores, (rows, judge.head.outputs))
        loss = judge.loss(scores, train.targets[:rows])
        if not isinstance(loss, Tensor) or loss.ndim or not loss.is_floating_point():
            raise contract_error(registry, plan.loss, f"its loss is {_shown(loss)}, not a scalar")
        for metric in judge.metrics:
            figure = _measured(registry, judge, metric, scores, hard_labels(train.targets[:rows]))
            if isinstance(figure, bool) or not isinstance(figure, int | float):
                raise contract_error(registry, metric, f"compute() gave {type(figure).__name__}, not a number")
    _check_gradient(registry, plan, module, judge, train, rows)
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = checked_build(registry, plan.optimizer, parameters)
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise contract_error(
            registry, plan.optimizer, f"build() gave {type(optimizer).__name__}, not a torch optimizer"
        )
    scheduler = checked_build(registry, plan.scheduler, optimizer, epochs=plan.training.epochs, steps_per_epoch=1)
    if not callable(getattr(scheduler, "step", None)):
        raise contract_error(registry, plan.scheduler, f"build() gave {type(scheduler).__name__}, which has no step()")
    try:
        inspect.signature(scheduler.step).bind(*([0.0] if plan.scheduler.needs_metric else []))
    except TypeError as error:
        raise contract_error(registry, plan.scheduler, f"step() cannot be called as it declares: {error}") from error


def _measured(registry: Registry, judge: Evaluator, metric: Metric, scores: Tensor, targets: Tensor) -> Any:
    try:
        return judge.compute_metric(metric, scores, targets)
    except (TypeError, AttributeError) as error:
        raise contract_error(registry, metric, f"its measure cannot be used: {error}") from error


def _check_gradient(
    registry: Registry, plan: Plan, module: nn.Module, judge: Evaluator, train: EncodedSplit, rows: int
) -> None:
    if not any(parameter.requires_grad for parameter in module.parameters()):
        return
    scores = module(train.features.slice(0, rows))
    if not scores.requires_grad:
        raise contract_error(registry, plan.model, "no gradient comes back through its scores")
    if not judge.loss(scores, train.targets[:rows]).requires_grad:
        raise contract_error(registry, plan.loss, "no gradient comes back through it")


def _check_scores(registry: Registry, plan: Plan, scores: object, shape: tuple[int, int]) -> None:
    if not isinstance(scores, Tensor) or tuple(scores.shape) != shape or not scores.is_floating_point():
        raise contract_error(registry, plan.model, f"its scores are {_shown(scores)}, not numbers of shape {shape}")


def _shown(value: object) -> str:
    return f"{value.dtype} {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__


def check_encoder(registry: Registry, plan: Plan, fitted: Any) -> tuple[Encoder, Any]:
    """An encoder and what it made of the training split; PluginError for anything else."""
    sound = isinstance(fitted, tuple) and len(fitted) == 2
    wanted = ("num_features", "transform", "feature_names", "state")
    if not sound or not all(hasattr(fitted[0], name) for name in wanted):
        raise contract_error(registry, plan.vectorizer, "fit() did not give an encoder")
    return fitted[0], fitted[1]


def check_features(registry: Registry, plan: Plan, encoder: Encoder, features: object, rows: int) -> None:
    """PluginError unless features are of the layout declared, one row for each text, as wide as the encoder says."""
    if not isinstance(features, Bag | Dense | Sequence) or features.layout != plan.vectorizer.layout:
        raise contract_error(
            registry, plan.vectorizer, f"it emits {plan.vectorizer.layout} and gave {type(features).__name__}"
        )
    if len(features) != rows:
        raise contract_error(
            registry, plan.vectorizer, f"it gave {pluralize(len(features), 'row')} for {pluralize(rows, 'text')}"
        )
    if not isinstance(features, Dense):
        entries, offsets = len(features.raw_ids if isinstance(features, Bag) else features.ids), features.offsets
        ends = int(offsets[0]) == 0 and int(offsets[-1]) == entries and bool((offsets.diff() >= 0).all())
        if not ends or not _within(features):
            raise contract_error(registry, plan.vectorizer, "its ids and offsets do not belong together")
    width = features.values.shape[1] if isinstance(features, Dense) else features.width
    if width != encoder.num_features:
        raise contract_error(
            registry, plan.vectorizer, f"num_features is {encoder.num_features}, its features are {width} wide"
        )


def _within(features: Bag | Sequence) -> bool:
    """Whether every id is below the width, looked at some rows at a time."""
    for start in range(0, len(features), PIECE):
        ids = features.slice(start, min(start + PIECE, len(features))).ids
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < features.width:
            return False
    return True


def check_head(registry: Registry, plan: Plan, head: Head) -> None:
    """PluginError unless the loss's outputs are one for each class, or a single one for two."""
    outputs, classes = head.outputs, len(head.classes)
    if head.link == "sigmoid" and outputs != 1:
        raise contract_error(
            registry, plan.loss, f"its link is sigmoid, which is for one output, and it has {outputs!r}"
        )
    if (
        isinstance(outputs, bool)
        or not isinstance(outputs, int)
        or outputs not in ({1, 2} if classes == 2 else {classes})
    ):
        raise contract_error(registry, plan.loss, f"outputs({classes}) is {outputs!r}")


def split_encoder_state(
    registry: Registry, plan: Plan, encoder: Encoder
) -> tuple[dict[str, Tensor], Mapping[str, Any]]:
    """The tensors of an encoder's state, and the rest of it; PluginError for what no file could hold."""
    state = encoder.state()
    if not isinstance(state, dict):
        raise contract_error(registry, plan.vectorizer, f"state() gave {type(state).__name__}, not a dict")
    tensors: dict[str, Tensor] = {}
    plain: dict[str, Any] = {}
    for name, value in state.items():
        if not isinstance(name, str) or not _writable(value):
            raise contract_error(
                registry, plan.vectorizer, f"state()[{name!r}] is {type(value).__name__}: no file holds that"
            )
        if isinstance(value, Tensor):
            tensors[name] = value.detach().clone().contiguous()
        else:
            plain[name] = value
    return tensors, plain


def _writable(value: object) -> bool:
    """Whether a value of a state is a tensor, a finite number, a text, or a list of texts."""
    texts: list[Any] = value if isinstance(value, list) else [value]
    if all(type(text) is str for text in texts):
        return not any("\ud800" <= character <= "\udfff" for text in texts for character in set(text))
    return isinstance(value, Tensor) or type(value) is int or (type(value) is float and math.isfinite(value))
