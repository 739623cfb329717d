"""The modules of a model, as the checks build and use them."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Model
from zoo_core.seeds import make_generator, seeded
from zoo_core.testing.checks import Subject
from zoo_core.testing.failures import while_using
from zoo_core.testing.inputs import WIDTH
from zoo_core.testing.models.features import Features

OUTPUTS = 3
WORDS = (
    *("the", "good", "and", "bad", "a", "not", "great", "of", "to", "is", "was", "in", "it", "this", "that", "for"),
    *("food", "place", "service", "love", "best", "worst", "price", "movie", "film", "book", "world", "news", "king"),
    *("queen", "man", "woman", "one", "two", "I", "The", "Good", "café", "#", "<unk>"),
)
NOISE = 0.3  # at most added to weights, which may be initialized to 0


def feature_names(width: int) -> list[str]:
    """Names of features as encoders have them: frequent words, which pretrained vectors contain, and rare ones."""
    return [*WORDS, *(f"feature {index}" for index in range(len(WORDS), width))][:width]


def call_model(subject: Subject, outputs: int = OUTPUTS, *, width: int = WIDTH) -> nn.Module:
    """Call `build` of a model as training does."""
    offered = {"num_features": width, "num_outputs": outputs, "feature_names": feature_names(width)}
    with while_using(f"with {width:,} features and {outputs} outputs"):
        return cast(nn.Module, call_build(subject.component, **offered))


def build_model(subject: Subject, outputs: int = OUTPUTS, *, width: int = WIDTH, seed: int = 7) -> nn.Module:
    """Build the module of a model under a fixed seed."""
    with seeded(seed, "init"):
        return call_model(subject, outputs, width=width)


def build_noisy(subject: Subject, outputs: int = OUTPUTS, *, width: int = WIDTH, seed: int = 7) -> nn.Module:
    """Build the module of a model, with noise added to its weights, so that none is 0 or equal to another."""
    return add_noise(build_model(subject, outputs, width=width), seed)


def add_noise(module: nn.Module, seed: int = 7) -> nn.Module:
    """Add noise to the parameters of a module, in place: as large as its values vary, or 0.3 if they do not.

    Large noise makes a recurrence chaotic, so that rounding errors grow with every token.
    """
    noise = random_directions(module, seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            spread = float(parameter.std()) if parameter.numel() > 1 else 0.0
            parameter.add_(noise[name] * min(spread or NOISE, NOISE))
    return module


def random_directions(module: nn.Module, seed: int = 7) -> dict[str, Tensor]:
    """A random direction for each parameter, 0 for the embedding of padding, which training leaves unchanged."""
    generator = make_generator(seed, "noise")
    found: dict[str, Tensor] = {}
    for name, parameter in module.named_parameters():
        found[name] = torch.randn(parameter.shape, generator=generator, dtype=torch.float32).to(parameter)
    for name, part in module.named_modules():
        weight = f"{name}.weight".removeprefix(".")
        if isinstance(part, nn.Embedding | nn.EmbeddingBag) and part.padding_idx is not None and weight in found:
            found[weight][part.padding_idx] = 0
    return found


def layouts_of(subject: Subject) -> tuple[str, ...]:
    """Return the layouts that the model accepts."""
    return cast(Model, subject.component).accepted_layouts()


def predict(module: nn.Module, features: Features, where: str = "") -> Tensor:
    """Return the scores in evaluation mode."""
    with torch.no_grad(), while_using(where):
        return cast(Tensor, module.eval()(features))


def train(module: nn.Module, features: Features, where: str = "", *, seed: int = 7) -> Tensor:
    """Return the scores in training mode, with a gradient."""
    with seeded(seed, "dropout"), while_using(f"{where} in training mode"):
        return cast(Tensor, module.train()(features))


def backpropagate(scores: Tensor) -> None:
    """Compute the gradients of a sum of the scores, each with a factor of its own."""
    if scores.requires_grad:
        (scores * torch.linspace(1, 2, scores.numel(), dtype=scores.dtype).view_as(scores)).sum().backward()


def gradients_of(module: nn.Module) -> dict[str, Tensor]:
    """The gradients of the parameters of a module that have one, dense."""
    found = {name: parameter.grad for name, parameter in module.named_parameters()}
    return {name: gradient.to_dense() for name, gradient in found.items() if gradient is not None}


def is_trainable(features: Features) -> bool:
    """Whether a module can be trained on these rows: batch normalization needs two."""
    return len(features) > 1


def size_of(scores: Tensor) -> float:
    """The size of the largest finite score, at least 1: rounding errors grow with it."""
    return max(1.0, float(scores.abs().nan_to_num(nan=0, posinf=0).max()))
