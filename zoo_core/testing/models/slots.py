"""A check of models with a model in a slot: what they declare follows the slot."""

from __future__ import annotations

from typing import cast

from attrs import evolve

from zoo_core.components.contracts import Model
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import setting_fields
from zoo_core.config.structure import build_component
from zoo_core.errors import RecipeError
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.models.features import SOME_EMPTY, features_of
from zoo_core.testing.models.modules import backpropagate, build_model, layouts_of, train


@register_check("model", "a recipe is checked by the layouts and the gradients that a model declares for its slots")
def follows_the_model_in_its_slot(subject: Subject) -> None:
    is_tried = False
    for field in setting_fields(subject.entry.cls):
        if is_slot(field) and isinstance(getattr(subject.component, field.name), Model):
            for entry in subject.registry.entries:
                if entry.kind == "model" and entry.cls is not subject.entry.cls:
                    is_tried |= _try_model(subject, field.name, entry.qualified_name)
    if not is_tried:
        skip("it has no model in a slot")


def _try_model(subject: Subject, slot: str, name: str) -> bool:
    """Use the component with a model in its slot, as it declares; False if the slot rejects that model."""
    raw = {"use": subject.entry.qualified_name, slot: name}
    try:
        variant = evolve(subject, component=build_component(subject.registry, subject.entry.kind, raw))
    except RecipeError:
        return False
    model, where = cast(Model, variant.component), f'with {slot} = "{name}"'
    is_sparse = False
    for layout in layouts_of(variant):
        module = build_model(variant)
        try:
            backpropagate(train(module, features_of(layout, SOME_EMPTY)))
        except Exception as error:  # the inner model may raise anything for a layout that it does not know
            text = f"{where} it declares that it accepts {layout} features, but raises {describe_exception(error)}"
            raise AssertionError(f"{text}: return the layouts of its slot from accepted_layouts()") from error
        is_sparse |= any(p.grad is not None and p.grad.is_sparse for p in module.parameters())
    declared = "sparse" if model.has_sparse_gradients() else "dense"
    found = "sparse" if is_sparse else "dense"
    text = f"{where} it declares {declared} gradients, but they are {found}"
    assert declared == found, f"{text}: return the answer of its slot from has_sparse_gradients()"
    return True
