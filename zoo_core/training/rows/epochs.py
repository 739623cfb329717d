"""The batches of each epoch: in the order of the plan's sampler, with the texts that its augmenter changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl
import torch
from attrs import define, frozen
from torch import Tensor

from zoo_core.components.protocols import Encoder
from zoo_core.components.targets.form import TargetForm
from zoo_core.components.targets.forms import target_form
from zoo_core.data.loading import is_column_of, tokenize_normalized
from zoo_core.errors import PluginError
from zoo_core.features.batches import Batch, EncodedSplit
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.seeds import derive_seed, make_generator
from zoo_core.training.encoder_checks import check_features

if TYPE_CHECKING:
    from zoo_core.training.preparation import PreparedData


@frozen(eq=False)
class ChangedTexts:
    """The normalized texts of the training split, which the augmenter changes, and the encoder that encodes them."""

    registry: Registry
    plan: Plan
    texts: pl.Series
    encoder: Encoder

    @classmethod
    def of(cls, registry: Registry, prepared: PreparedData, plan: Plan) -> ChangedTexts | None:
        """Those of prepared data; None if the plan changes no texts."""
        texts = prepared.train_texts
        return None if texts is None else cls(registry, plan, texts, prepared.encoder)

    def encode(self, train: EncodedSplit, epoch: int) -> EncodedSplit:
        """The training split with the texts of an epoch. PluginError if the augmenter breaks its contract."""
        plan = self.plan
        texts = plan.augmenter.augment(self.texts, seed=derive_seed(plan.training.seed, "augment", epoch))
        if not is_column_of(texts, pl.String, len(self.texts)):
            raise self._broken("augment() did not give a string for each text")
        emptied = (texts == "") & (self.texts != "")
        if emptied.any() and not plan.augmenter.may_empty_texts:
            raise self._broken(f"augment() emptied the text of row {emptied.arg_true()[0]}, which it does not declare")
        features = self.encoder.transform(tokenize_normalized(self.registry, plan, texts))
        checked = check_features(self.registry, plan, self.encoder, features, len(train))
        return EncodedSplit(checked.to(train.targets.device), train.targets)

    def _broken(self, behavior: str) -> PluginError:
        return contract_error(self.registry, self.plan.augmenter, behavior)


@define(eq=False, slots=False)
class EpochBatches:
    """The batches of each epoch of a training split; `changed` are its texts, if they change."""

    registry: Registry
    plan: Plan
    train: EncodedSplit
    changed: ChangedTexts | None = None

    @property
    def _form(self) -> TargetForm:
        return target_form(self.plan.task.targets)

    @cached_property
    def _classes(self) -> Tensor:
        """The labels of each row, as samplers get them, on the CPU."""
        return self._form.labels(self.train.targets).cpu()

    @cached_property
    def num_rows(self) -> int:
        """The rows of an epoch. PluginError if the sampler gives no number of rows."""
        count = self.plan.sampler.num_rows(self._classes)
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise self._broken(f"num_rows() gave {count!r}, expected a number of rows, at least 1")
        if self.plan.sampler.each_row_once and count != len(self.train):
            raise self._broken(f"num_rows() gave {count} of {len(self.train)} rows, but it declares each_row_once")
        return count

    @property
    def steps(self) -> int:
        """The number of batches in an epoch."""
        return self.train.steps(self.plan.training.batch_size, rows=self.num_rows)

    def of_epoch(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch. PluginError if the sampler or the augmenter breaks its contract."""
        generator = make_generator(self.plan.training.seed, "shuffle", epoch)
        order = self.order(epoch, generator)
        split = self.train if self.changed is None else self.changed.encode(self.train, epoch)
        grouping = generator if self.plan.sampler.shuffles else None
        return split.batches(batch_size=self.plan.training.batch_size, order=order, generator=grouping)

    def order(self, epoch: int, generator: torch.Generator) -> Tensor:
        """The rows of an epoch, int64 `(num_rows,)`, as the sampler orders them."""
        order: object = self.plan.sampler.order(self._classes, epoch=epoch, generator=generator)
        expected = f"int64 ({self.num_rows},) on the CPU"
        if not isinstance(order, Tensor) or order.dtype != torch.int64 or order.shape != (self.num_rows,):
            found = f"{order.dtype} {tuple(order.shape)}" if isinstance(order, Tensor) else type(order).__name__
            raise self._broken(f"order() gave {found}, expected {expected}")
        rows = len(self.train)
        lowest, highest = torch.aminmax(order)
        if order.device.type != "cpu" or lowest < 0 or highest >= rows:
            raise self._broken(f"order() gave rows outside of 0 to {rows - 1}, expected {expected}")
        if self.plan.sampler.each_row_once:
            seen = torch.zeros(rows, dtype=torch.bool)
            seen[order] = True
            if not seen.all():
                raise self._broken("order() repeats a row and leaves out another, but it declares each_row_once")
        return order

    def draws_by_class(self, epoch: int, classes: int) -> Tensor | None:
        """How often the sampler draws a row of each class in an epoch, in the mean: float32 `(classes,)`.

        1 for classes without a row; None if an epoch has each row once."""
        if self.plan.sampler.each_row_once:
            return None
        order = self.order(epoch, make_generator(self.plan.training.seed, "shuffle", epoch))
        rows, drawn = (self._form.class_rows(part, classes) for part in (self._classes, self._classes[order]))
        return torch.where(rows > 0, drawn / rows, 1.0)

    def _broken(self, behavior: str) -> PluginError:
        return contract_error(self.registry, self.plan.sampler, behavior)
