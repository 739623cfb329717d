"""Checks of the torch modules of activations, losses and models: devices, dtypes, modes, compilation, export."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor, nn

from zoo_core.components.building.meta_device import meta_device
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import seeded
from zoo_core.testing.activations import behavior as activations
from zoo_core.testing.assertions import assert_close, assert_equal, assert_finite, assert_made_in_build
from zoo_core.testing.checks import ExpectedFailure, Subject, register_check
from zoo_core.testing.inputs import make_scores
from zoo_core.testing.losses import behavior as losses
from zoo_core.testing.models import modules as models
from zoo_core.testing.models.features import many_rows, width_of

MODULE_KINDS = "activation loss model"
MAX_ERROR_CHARS = 120


class TensorModule(nn.Module):
    """A module that accepts plain tensors, from which it makes the inputs of the inner module."""

    def __init__(self, inner: nn.Module, make_inputs: Callable[..., Any]) -> None:
        super().__init__()
        self.inner, self.make_inputs = inner, make_inputs

    def forward(self, *tensors: Tensor) -> Tensor:
        return cast(Tensor, self.inner(*self.make_inputs(*tensors)))


def build_modules(subject: Subject) -> Iterator[tuple[TensorModule, tuple[Tensor, ...]]]:
    """Yield the module of the component and its inputs; for a model once per layout."""
    if subject.entry.kind == "activation":
        yield TensorModule(activations.build_activation(subject), lambda x: (x,)), (make_scores(),)
    elif subject.entry.kind == "loss":
        loss = losses.build_loss(subject)
        yield TensorModule(loss, lambda x, targets: (x, targets)), losses.make_loss_inputs(subject)
    else:
        for layout in models.layouts_of(subject):
            yield _build_model(subject, layout)


def _build_model(subject: Subject, layout: str) -> tuple[TensorModule, tuple[Tensor, ...]]:
    """The module of a model, and 512 rows of a layout as plain tensors."""
    features = many_rows(layout)
    width = width_of(features)
    module = models.build_noisy(subject, width=width)
    if isinstance(features, Bag):
        tensors = (features.ids, features.offsets, features.weights_or_ones())
        return TensorModule(module, lambda ids, offsets, w: (Bag(ids, offsets, w, width),)), tensors
    if isinstance(features, Sequence):
        return TensorModule(module, lambda ids, offsets: (Sequence(ids, offsets, width),)), (
            features.ids,
            features.offsets,
        )
    return TensorModule(module, lambda values: (Dense(values),)), (features.values,)


def evaluate(module: nn.Module, tensors: tuple[Tensor, ...]) -> Tensor:
    """Return the output in evaluation mode."""
    with torch.no_grad():
        return cast(Tensor, module.eval()(*tensors))


@register_check(MODULE_KINDS, "mixed precision must not produce NaN")
def finite_under_bfloat16_autocast(subject: Subject) -> None:
    for module, tensors in build_modules(subject):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = evaluate(module, tensors)
        assert_finite(output, "the output")


@register_check(MODULE_KINDS, "converting a module must convert every tensor in it")
def converts_to_float64(subject: Subject) -> None:
    for module, tensors in build_modules(subject):
        output = evaluate(module, tensors)
        wide_tensors = tuple(tensor.double() if tensor.is_floating_point() else tensor for tensor in tensors)
        wide_output = evaluate(module.double(), wide_tensors)
        assert wide_output.dtype == torch.float64, f"the output for float64 is {wide_output.dtype}"
        assert_close(output.double(), wide_output, "converted to float64, it gives other outputs", rtol=1e-3, atol=1e-4)


@register_check(MODULE_KINDS, "predictions are made in evaluation mode and must be repeatable")
def evaluation_mode_is_repeatable(subject: Subject) -> None:
    for module, tensors in build_modules(subject):
        before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
        outputs = []
        for seed in (1, 2):
            with seeded(seed, "dropout"):
                outputs.append(evaluate(module, tensors))
        assert_equal(outputs[1], outputs[0], "used twice on the same batch, it gives other outputs")
        after = {name.removeprefix("inner."): tensor for name, tensor in module.state_dict().items()}
        assert_made_in_build({name.removeprefix("inner.") for name in before}, set(after))
        changed = [name for name, tensor in after.items() if not torch.equal(tensor, before[f"inner.{name}"])]
        assert not changed, f"evaluation changes {changed[0]}"


@register_check(MODULE_KINDS, "train() and eval() must reach every submodule")
def train_and_eval_reach_submodules(subject: Subject) -> None:
    for module, _ in build_modules(subject):
        for mode in (True, False):
            module.train(mode)
            is_reached = all(submodule.training is mode for submodule in module.modules())
            assert is_reached, f"train({mode}) does not reach a submodule"


@register_check("activation", "a run is first opened on the meta device, to check its weights")
def builds_on_meta_device(subject: Subject) -> None:
    with meta_device():
        module = activations.build_activation(subject)
    built = activations.build_activation(subject)
    expected = {name: tuple(tensor.shape) for name, tensor in built.state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    assert_equal(shapes, expected, "built on the meta device, it has a state of another shape")


@register_check(MODULE_KINDS, "torch.compile must not change the output", slow=True)
def compiles(subject: Subject) -> None:
    for module, tensors in build_modules(subject):
        expected = evaluate(module, tensors)
        torch._dynamo.reset()
        with _expect_limitations("torch.compile"):
            compiled = torch.compile(module, backend="eager", fullgraph=True)
            output = evaluate(cast(nn.Module, compiled), tensors)
        assert_close(output, expected, "compiled by torch.compile, it gives other outputs")


@register_check(MODULE_KINDS, "torch.export must not change the output", slow=True)
def exports(subject: Subject) -> None:
    for module, tensors in build_modules(subject):
        expected = evaluate(module, tensors)
        with _expect_limitations("torch.export"):
            program = torch.export.export(module.eval(), tensors)
        assert_close(program.module()(*tensors).detach(), expected, "exported by torch.export, it gives other outputs")


@register_check(MODULE_KINDS, "two runs must not train the same weights")
def builds_do_not_share_parameters(subject: Subject) -> None:
    for (first, _), (second, _) in zip(build_modules(subject), build_modules(subject), strict=True):
        pointers = {tensor.data_ptr() for tensor in first.state_dict().values() if tensor.numel()}
        state = second.state_dict()
        shared = [name for name, tensor in state.items() if tensor.numel() and tensor.data_ptr() in pointers]
        assert not shared, f"two builds share {shared[0].removeprefix('inner.')}"


def is_compiler_limitation(error: BaseException) -> bool:
    """Return whether torch cannot compile or export the code, as opposed to an error of the code itself."""
    if isinstance(error, torch._dynamo.exc.Unsupported):
        return not isinstance(error.__cause__, torch._dynamo.exc.ObservedException)
    return isinstance(error, _compiler_limitations())


def first_line(error: Exception) -> str:
    """The first line of an error of torch, cut."""
    lines = filter(None, map(str.strip, str(error).splitlines()))
    return next(iter(lines), type(error).__name__)[:MAX_ERROR_CHARS]


@contextlib.contextmanager
def _expect_limitations(tool: str) -> Iterator[None]:
    """Silence torch's own warnings and prints, and raise ExpectedFailure for its limitations."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        except Exception as error:  # torch's errors have no common base class
            if is_compiler_limitation(error):
                raise ExpectedFailure(f"{tool} does not support it: {first_line(error)}") from error
            raise


@cache
def _compiler_limitations() -> tuple[type[Exception], ...]:
    """Errors of torch's compiler and exporter, besides `Unsupported`; their modules take a second to import."""
    from torch._subclasses import fake_tensor
    from torch.fx.experimental import symbolic_shapes

    return (
        torch._dynamo.exc.UserError,
        fake_tensor.DataDependentOutputException,
        fake_tensor.DynamicOutputShapeException,
        fake_tensor.UnsupportedOperatorException,
        symbolic_shapes.GuardOnDataDependentSymNode,
    )
