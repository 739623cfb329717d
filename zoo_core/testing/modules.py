"""What every torch module of the zoo promises, whatever it computes: devices, dtypes, modes, compilation."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch._subclasses import fake_tensor
from torch.fx.experimental import symbolic_shapes

from zoo_core.components.contracts import Model
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import seeded
from zoo_core.testing import activations, losses, models
from zoo_core.testing.assertions import all_finite
from zoo_core.testing.cases import Expected, Subject, register_check, skip
from zoo_core.testing.inputs import WIDTH, bag, features, scores

MODULES = "activation loss model"
LIMITS = (  # of torch's compiler and exporter, beside `Unsupported`
    torch._dynamo.exc.UserError,
    fake_tensor.DataDependentOutputException,
    fake_tensor.DynamicOutputShapeException,
    fake_tensor.UnsupportedOperatorException,
    symbolic_shapes.GuardOnDataDependentSymNode,
)


class Asked(nn.Module):
    """A module asked with plain tensors: features are made of them on the way in."""

    def __init__(self, inner: nn.Module, made: Callable[..., Any]) -> None:
        super().__init__()
        self.inner, self.made = inner, made

    def forward(self, *tensors: Tensor) -> Tensor:
        return cast(Tensor, self.inner(*self.made(*tensors)))


def trials(subject: Subject) -> Iterator[tuple[Asked, tuple[Tensor, ...]]]:
    """The component's module with what to ask it, for a model once for each layout."""
    if subject.entry.kind == "activation":
        yield Asked(activations.activation(subject), lambda x: (x,)), (scores(),)
    elif subject.entry.kind == "loss":
        yield Asked(losses.built(subject), lambda x, targets: (x, targets)), losses.given(subject)
    else:
        for layout in cast(Model, subject.part).accepts:
            given = bag(weighted=True) if layout == "bag" else features(layout)
            module = models.built(subject)
            if isinstance(given, Bag):
                tensors = (given.ids, given.offsets, given.weights_or_ones())
                yield Asked(module, lambda ids, at, w: (Bag(ids, at, w, WIDTH),)), tensors
            elif isinstance(given, Sequence):
                yield Asked(module, lambda ids, at: (Sequence(ids, at, WIDTH),)), (given.ids, given.offsets)
            else:
                yield Asked(module, lambda values: (Dense(values),)), (given.values,)


def answer(module: nn.Module, tensors: tuple[Tensor, ...]) -> Tensor:
    """What it says in evaluation mode."""
    with torch.no_grad():
        return cast(Tensor, module.eval()(*tensors))


@register_check(MODULES, "mixed precision must not make a NaN")
def finite_under_bfloat16_autocast(subject: Subject) -> None:
    for module, tensors in trials(subject):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = answer(module, tensors)
        all_finite(found, "the answer")


@register_check(MODULES, "a module is moved whole: a number made in float32 stays behind")
def moves_to_another_dtype(subject: Subject) -> None:
    for module, tensors in trials(subject):
        single = answer(module, tensors)
        wide = answer(module.double(), tuple(t.double() if t.is_floating_point() else t for t in tensors))
        assert wide.dtype == torch.float64, f"float64 in, {wide.dtype} out"
        torch.testing.assert_close(single.double(), wide, rtol=1e-4, atol=1e-5)


@register_check(MODULES, "training may use a GPU")
def same_on_a_gpu(subject: Subject) -> None:
    if not torch.cuda.is_available():
        skip("there is no GPU here")
    for module, tensors in trials(subject):
        here = answer(module, tensors)
        there = answer(module.cuda(), tuple(t.cuda() for t in tensors))
        torch.testing.assert_close(here, there.cpu(), rtol=1e-3, atol=1e-4)


@register_check(MODULES, "a prediction is asked in evaluation mode, and is the same each time")
def evaluation_mode_is_repeatable(subject: Subject) -> None:
    for module, tensors in trials(subject):
        before = {name: value.clone() for name, value in module.state_dict().items()}
        answers = []
        for seed in (1, 2):
            with seeded(seed, "dropout"):
                answers.append(answer(module, tensors))
        assert torch.equal(*answers), "asked again, it says something else"
        changed = [name for name, value in module.state_dict().items() if not torch.equal(value, before[name])]
        assert not changed, f"asking changed {changed[0]}"


@register_check(MODULES, "train() and eval() reach the parts that the module registers")
def modes_reach_every_part(subject: Subject) -> None:
    for module, _ in trials(subject):
        for mode in (True, False):
            module.train(mode)
            assert all(part.training is mode for part in module.modules()), f"train({mode}) misses a part"


@register_check("activation", "a run is opened on no device at first, to check its weights")
def builds_on_meta(subject: Subject) -> None:
    with torch.device("meta"):
        made = activations.activation(subject)
    expected = {name: tuple(t.shape) for name, t in activations.activation(subject).state_dict().items()}
    assert {name: tuple(t.shape) for name, t in made.state_dict().items()} == expected


@register_check(MODULES, "torch.compile must change the time and nothing else")
def compiles(subject: Subject) -> None:
    for module, tensors in trials(subject):
        plain = answer(module, tensors)
        torch._dynamo.reset()
        with _quiet("torch.compile"):
            found = answer(cast(nn.Module, torch.compile(module, backend="eager", fullgraph=True)), tensors)
        torch.testing.assert_close(found, plain)


@register_check(MODULES, "torch.export must give the same answers")
def exports(subject: Subject) -> None:
    for module, tensors in trials(subject):
        plain = answer(module, tensors)
        with _quiet("torch.export"):
            program = torch.export.export(module.eval(), tensors)
        torch.testing.assert_close(program.module()(*tensors).detach(), plain)


@register_check(MODULES, "two runs must not train the same weights")
def builds_anew(subject: Subject) -> None:
    for (one, _), (two, _) in zip(trials(subject), trials(subject), strict=True):
        own = {tensor.data_ptr() for tensor in one.state_dict().values() if tensor.numel()}
        shared = [name for name, tensor in two.state_dict().items() if tensor.numel() and tensor.data_ptr() in own]
        assert not shared, f"built twice, it has one {shared[0].removeprefix('inner.')}"


def unsupported(error: BaseException) -> bool:
    """Whether torch says that it cannot follow this code, and not that the code itself failed."""
    if isinstance(error, torch._dynamo.exc.Unsupported):
        return not isinstance(error.__cause__, torch._dynamo.exc.ObservedException)
    return isinstance(error, LIMITS)


def _first(error: Exception) -> str:
    return next(iter(filter(None, map(str.strip, str(error).splitlines()))), type(error).__name__)[:120]


@contextlib.contextmanager
def _quiet(what: str) -> Iterator[None]:
    """Torch warns of its own deprecations here, and prints to stderr; what it cannot do is nobody's fault."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        except Exception as error:  # torch's own have no root in common
            if unsupported(error):
                raise Expected(f"{what} cannot: {_first(error)}") from error
            raise


@register_check("model", "padding is no word: a longer neighbor must change nothing")
def padding_changes_no_answer(subject: Subject) -> None:
    if "sequence" not in cast(Model, subject.part).accepts:
        skip("it reads no sequences")
    short = torch.tensor([1, 2, 3], dtype=torch.int32)
    long = torch.arange(40, dtype=torch.int32) % (WIDTH - 1) + 1
    module = models.built(subject)
    alone = models.asked(module, Sequence(short, torch.tensor([0, 3]), WIDTH))
    beside = models.asked(module, Sequence(torch.cat([short, long]), torch.tensor([0, 3, 43]), WIDTH))
    torch.testing.assert_close(alone, beside[:1], rtol=1e-4, atol=1e-6)
