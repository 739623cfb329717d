"""The forward pass of training: in the precision of the recipe, and compiled if the recipe says so."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.errors import RecipeError
from zoo_core.features.batches import Batch, EncodedSplit
from zoo_core.features.layouts import Features
from zoo_core.features.module_scores import module_scores
from zoo_core.messages import note
from zoo_core.recipes.plan import Training
from zoo_core.seeds import preserve_rng_state

TRIAL_ROWS = 2
MAX_ERROR_CHARS = 160


@frozen(eq=False)
class ForwardPass:
    """The scores of a batch, float32 whatever they were computed in.

    `compiled` is the module compiled by torch, which has the same parameters; None if it is not compiled. Evaluation
    and prediction use neither: a run predicts the same wherever it is opened.
    """

    precision: torch.dtype = torch.float32
    compiled: nn.Module | None = None

    def __call__(self, module: nn.Module, batch: Batch) -> Tensor:
        """Scores `(batch, outputs)`. RecipeError if the module rejects a single row, as batch normalization does."""
        try:
            return self.scores(module, batch.features, batch.targets.device.type)
        except ValueError as error:
            if len(batch) > 1:
                raise
            message = f"training.batch_size: the model cannot be trained on a batch of one row: {error}"
            raise RecipeError(message, hint="--set training.batch_size=2 or more") from error

    def scores(self, module: nn.Module, features: Features, device: str) -> Tensor:
        """The scores of features on a device."""
        with self._autocast(device):
            scores = module_scores(module if self.compiled is None else self.compiled, features)
        return scores if self.precision == torch.float32 else scores.float()

    def _autocast(self, device: str) -> AbstractContextManager[object]:
        is_plain = self.precision == torch.float32
        return nullcontext() if is_plain else torch.autocast(device, dtype=self.precision)


def make_forward_pass(settings: Training, module: nn.Module, train: EncodedSplit, device: torch.device) -> ForwardPass:
    """The forward pass of a recipe, tried on two rows of the training split, on the device of the module.

    Raises RecipeError if the device does not compute in the precision, or if torch cannot compile the module.
    """
    if settings.precision == "bf16" and device.type == "cuda" and not torch.cuda.is_bf16_supported(False):
        raise RecipeError("training.precision = bf16, but this GPU does not compute in bf16", hint="use float32")
    precision = torch.bfloat16 if settings.precision == "bf16" else torch.float32
    plain = ForwardPass(precision)
    if not settings.compile:
        return plain
    note("torch compiles the model, which may take minutes (training.compile)")
    features = train.features.slice(0, min(TRIAL_ROWS, len(train)))
    compiled = ForwardPass(precision, compile_module(module))
    _try(module, lambda: compiled.scores(module.eval(), features, device.type))
    return compiled


def compile_module(module: nn.Module) -> nn.Module:
    """The module compiled by torch, whose notes on graphs that it must divide are not shown without TORCH_LOGS."""
    import torch._dynamo

    if "TORCH_LOGS" not in os.environ:
        logging.getLogger("torch._dynamo").setLevel(logging.ERROR)
    return torch.compile(module, dynamic=True)  # type: ignore[return-value]


def _try(module: nn.Module, compute: Callable[[], Tensor]) -> None:
    """Raise RecipeError, in one line, if torch cannot compile what is computed, forward and backward."""
    try:
        with preserve_rng_state(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scores = compute()
            parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
            if parameters:
                torch.autograd.grad(scores.sum(), parameters, allow_unused=True)
    except Exception as error:  # torch's errors have no common base class
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = (lines[0] if lines else type(error).__name__)[:MAX_ERROR_CHARS]
        hint = "install a C++ compiler, as g++, or use --set training.compile=false"
        raise RecipeError(f"training.compile: torch cannot compile the model: {reason}", hint=hint) from error
