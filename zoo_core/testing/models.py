"""What models promise."""

from __future__ import annotations

from typing import cast

import torch
from attrs import evolve
from torch import Tensor, nn

from zoo_core.components.contracts import Model
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import all_finite, parameters_reached, reloaded
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import WIDTH, bag, dense, features

OUTPUTS = 3


def built(subject: Subject, outputs: int = OUTPUTS) -> nn.Module:
    """The model's module, built under a seed."""
    with seeded(7, "init"):
        return cast(Model, subject.part).build(num_features=WIDTH, num_outputs=outputs)


def layouts(subject: Subject) -> tuple[str, ...]:
    """The layouts the model accepts."""
    return cast(Model, subject.part).accepts


def asked(module: nn.Module, given: Bag | Sequence | Dense) -> Tensor:
    """A module's answer in evaluation mode."""
    with torch.no_grad():
        return cast(Tensor, module.eval()(given))


@register_check("model", "scores are (batch, outputs), and the second axis never goes away")
def shape_of_scores(subject: Subject) -> None:
    for layout in layouts(subject):
        for rows, outputs in ((6, OUTPUTS), (1, OUTPUTS), (6, 1), (1, 1)):
            shape = asked(built(subject, outputs), features(layout, rows)).shape
            assert shape == (rows, outputs), f"{tuple(shape)} for {rows} rows and {outputs} outputs ({layout})"


@register_check("model", "NaN spreads through everything; a text may be empty")
def finite_scores(subject: Subject) -> None:
    for layout in layouts(subject):
        all_finite(asked(built(subject), features(layout)), f"the score ({layout})")


@register_check("model", "a parameter without a gradient is never learned")
def gradient_reaches_every_parameter(subject: Subject) -> None:
    for layout in layouts(subject):
        module = built(subject).eval()  # dropout may hide a parameter by chance
        with torch.no_grad():  # and so may weights that begin at 0
            for parameter in module.parameters():
                parameter.add_(0.1)
        scores = module(features(layout))
        parameters_reached(module, (scores * torch.arange(1.0, scores.numel() + 1).view_as(scores)).sum())


@register_check("model", "the analytic gradient must be that of the function")
def gradient_is_right(subject: Subject) -> None:
    if set(layouts(subject)) == {"sequence"}:
        skip("the ids of a sequence have no gradient")
    module = built(subject).double().eval()
    if "bag" in layouts(subject):
        made = bag(dtype=torch.float64, weighted=True)
        assert made.weights is not None
        assert torch.autograd.gradcheck(
            lambda weights: module(evolve(made, weights=weights)), (made.weights.detach().requires_grad_(),)
        )
    if "dense" in layouts(subject):
        values = dense(dtype=torch.float64).values.requires_grad_()
        assert torch.autograd.gradcheck(lambda x: module(Dense(x)), (values,))


@register_check("model", "float32 and float64 take different roads through a bag, to one place")
def single_and_double_agree(subject: Subject) -> None:
    for layout in layouts(subject):
        given = features(layout)
        single = asked(built(subject), given)
        wide = Dense(given.values.double()) if isinstance(given, Dense) else given
        torch.testing.assert_close(single.double(), asked(built(subject).double(), wide), rtol=1e-4, atol=1e-5)


@register_check("model", "an answer must not depend on who else is in the batch")
def batch_equals_rows(subject: Subject) -> None:
    for layout in layouts(subject):
        module, batch = built(subject), features(layout)
        rows = torch.cat([asked(module, batch.slice(i, i + 1)) for i in range(len(batch))])
        torch.testing.assert_close(asked(module, batch), rows, rtol=1e-4, atol=1e-6)


@register_check("model", "a bag says what its dense vector says")
def bag_equals_dense(subject: Subject) -> None:
    if not {"bag", "dense"} <= set(layouts(subject)):
        skip("it does not accept both bag and dense")
    module, made = built(subject), bag(weighted=True)
    torch.testing.assert_close(asked(module, made), asked(module, Dense(made.to_dense())), rtol=1e-4, atol=1e-6)


@register_check("model", "the same seed gives the same numbers")
def deterministic(subject: Subject) -> None:
    for layout in layouts(subject):
        answers = []
        for _ in range(2):
            module = built(subject).train()
            with seeded(7, "dropout"):
                answers.append(module(features(layout)))
        assert torch.equal(*answers)


@register_check("model", "what comes in may be needed again")
def changes_no_input(subject: Subject) -> None:
    for layout in layouts(subject):
        given, kept = features(layout), features(layout)
        asked(built(subject), given)
        for name in ("ids", "offsets", "values"):
            value = getattr(given, name, None)
            if isinstance(value, Tensor):
                assert torch.equal(value, getattr(kept, name)), f"{name} was changed in place"


@register_check("model", "what a run learned must be in its file")
def state_saved_and_loaded(subject: Subject) -> None:
    module = built(subject)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    with seeded(8, "init"):
        other = cast(Model, subject.part).build(num_features=WIDTH, num_outputs=OUTPUTS)
    other.load_state_dict(reloaded(module))
    for layout in layouts(subject):
        assert torch.equal(asked(module, features(layout)), asked(other, features(layout)))


@register_check("model", "a run is opened on no device at first, to check its weights")
def builds_on_meta(subject: Subject) -> None:
    with torch.device("meta"):
        module = cast(Model, subject.part).build(num_features=WIDTH, num_outputs=OUTPUTS)
    expected = {name: tuple(t.shape) for name, t in built(subject).state_dict().items()}
    assert {name: tuple(t.shape) for name, t in module.state_dict().items()} == expected


@register_check("model", "a model that cannot learn this cannot learn")
def learns_a_tiny_task(subject: Subject) -> None:
    for layout in layouts(subject):
        module, given = built(subject, 2), _separable(layout)
        targets = torch.arange(len(given)) % 2
        learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
        sparse = cast(Model, subject.part).sparse_gradients
        optimizer = torch.optim.SGD(learned, lr=1.0) if sparse else torch.optim.Adam(learned, lr=0.05)
        module.train()
        with seeded(7, "dropout"):
            for _ in range(200):
                optimizer.zero_grad()
                scores = module(given)
                scores = scores if cast(Model, subject.part).output_form() == "logits" else scores.clamp(1e-6).log()
                torch.nn.functional.cross_entropy(scores, targets).backward()
                optimizer.step()
        found = asked(module, given).argmax(dim=1)
        share = float((found == targets).float().mean())
        assert share > 0.9, f"{share:.0%} right on its own training data ({layout})"


def _separable(layout: str) -> Bag | Sequence | Dense:
    """Rows whose first feature tells the class: feature 1 for even rows, 2 for odd ones, and noise."""
    rows = 32
    noise = torch.arange(rows) % 7 + 4
    ids = torch.stack([torch.arange(rows) % 2 + 1, noise], dim=1).reshape(-1).to(torch.int32)
    made = Bag(ids, torch.arange(0, 2 * rows + 1, 2), None, WIDTH)
    if layout == "sequence":
        return Sequence(made.ids, made.offsets, WIDTH)
    return made if layout == "bag" else Dense(made.to_dense())
