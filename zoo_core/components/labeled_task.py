"""The base class of tasks with labels: settings for labels and classes that training does without."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from zoo_core.components.contracts import Task
from zoo_core.components.fields import setting
from zoo_core.components.validators import MAX_COUNT, Bounds, not_empty

NO_EFFECT = "textzoo drops or merges the rows, not the task"


@frozen(kw_only=True)
class LabeledTask(Task):
    """A task whose examples have labels. Its settings are applied to what `read` returns, not by `read`.

    Rows whose label is one of `drop_labels` are left out before `read`, as the file has them, and after it, as the
    task names them. Classes with fewer than `min_rows` rows are dropped or merged after all rows have been read. The
    rows of the training split count if the file has splits, else all rows. A run stores which classes were rare, so
    that other data is evaluated with the same classes. Of several labels for a text, these labels are removed, and the
    row is kept.
    """

    drop_labels: str | tuple[str, ...] = setting(
        (), 'labels that training does without, as in ["N/A", "?"]', no_effect=NO_EFFECT
    )
    min_rows: int = setting(
        0,
        "number of rows that a class needs, in the training split if the file has splits",
        Bounds(ge=0, le=MAX_COUNT),
        no_effect=NO_EFFECT,
    )
    rare: Literal["drop", "merge"] = setting(
        "drop", "what happens to classes with fewer than min_rows rows", no_effect=NO_EFFECT
    )
    rare_name: str = setting(
        "other", 'name of the class that rare = "merge" makes of them', not_empty, no_effect=NO_EFFECT
    )

    def labels_to_drop(self) -> tuple[str, ...]:
        """The labels of `drop_labels` without surrounding blanks, as labels are read."""
        names = (self.drop_labels,) if isinstance(self.drop_labels, str) else self.drop_labels
        return tuple(dict.fromkeys(name.strip() for name in names))
