"""The form of each type of targets."""

from __future__ import annotations

from zoo_core.components.component import TargetType
from zoo_core.components.targets.form import TargetForm
from zoo_core.components.targets.multi_label import MultiLabel
from zoo_core.components.targets.single_label import SingleLabel

_FORMS: dict[TargetType, TargetForm] = {form.name: form for form in (SingleLabel(), MultiLabel())}


def target_form(targets: TargetType) -> TargetForm:
    """The operations of a type of targets."""
    return _FORMS[targets]
