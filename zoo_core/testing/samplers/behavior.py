"""Checks of samplers: rows that exist, as many as announced, as often as declared, and the same when resumed."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.samplers.inputs import INPUTS, order_of, sampler_of

EPOCHS = (1, 2, 3)


@register_check("sampler", "an epoch must have rows of the training split, as many as the scheduler counts on")
def rows_exist(subject: Subject) -> None:
    sampler = sampler_of(subject)
    for description, classes in INPUTS:
        for epoch in EPOCHS:
            order, where = order_of(sampler, classes, epoch), f"in epoch {epoch} of {description}"
            is_order = isinstance(order, Tensor) and order.dtype == torch.int64 and order.ndim == 1
            found = f"{order.dtype} {tuple(order.shape)}" if isinstance(order, Tensor) else type(order).__name__
            assert is_order, f"{where} order() gives {found}, expected int64 (num_rows,)"
            wrong = order[(order < 0) | (order >= len(classes))]
            assert not len(wrong), f"{where} it names row {int(wrong[0])}: there are {len(classes)} rows"
            count = sampler.num_rows(classes)
            assert len(order) == count, f"{where} it names {len(order)} rows, but num_rows() announced {count}"


@register_check("sampler", "the steps of an epoch are counted before training, for the scheduler")
def num_rows_is_a_number(subject: Subject) -> None:
    sampler = sampler_of(subject)
    for description, classes in INPUTS:
        counts = [sampler.num_rows(classes) for _ in range(3)]
        is_count = all(isinstance(count, int) and count >= 1 for count in counts)
        assert is_count, f"for {description} num_rows() gives {counts[0]!r}, expected a whole number of at least 1"
        assert len(set(counts)) == 1, f"for {description} num_rows() gives {counts[0]}, then {counts[1]}, {counts[2]}"


@register_check("sampler", "what is declared of the rows of an epoch must hold")
def each_row_once_as_declared(subject: Subject) -> None:
    sampler = sampler_of(subject)
    if not sampler.each_row_once:
        skip("it does not declare each_row_once")
    for description, classes in INPUTS:
        for epoch in EPOCHS:
            counts = torch.bincount(order_of(sampler, classes, epoch), minlength=len(classes))
            where = f"in epoch {epoch} of {description} row"
            most, least = int(counts.argmax()), int(counts.argmin())
            assert counts[most] <= 1, f"{where} {most} is trained on {int(counts[most])} times"
            assert counts[least] >= 1, f"{where} {least} is not trained on"


@register_check("sampler", "batches in the same order in all epochs train worse, so that it must be declared")
def shuffles_as_declared(subject: Subject) -> None:
    sampler = sampler_of(subject)
    for description, classes in INPUTS:
        if len(classes) < 40:
            continue
        first, second, third = (order_of(sampler, classes, epoch).tolist() for epoch in EPOCHS)
        if sampler.shuffles:
            is_new = first != second and second != third and first != third
            assert is_new, f"for {description} two epochs have the same order: declare shuffles = False, or draw one"
        else:
            changes = [epoch for epoch, order in zip(EPOCHS, (first, second, third), strict=True) if order != first]
            assert not changes, f"for {description} epoch {changes[0]} has another order than epoch 1"


@register_check("sampler", "a training that is resumed must have the batches of one that was not interrupted")
def order_follows_from_the_generator(subject: Subject) -> None:
    sampler = sampler_of(subject)
    for description, classes in INPUTS:
        alone = order_of(sampler, classes, 3)
        for epoch in (1, 2):
            order_of(sampler, classes, epoch)
        after = order_of(sampler, classes, 3)
        assert torch.equal(alone, after), (
            f"for {description} epoch 3 has another order if epochs 1 and 2 were before it"
        )
        if sampler.shuffles and len(classes) >= 40:
            other = order_of(sampler, classes, 3, seed=8)
            assert not torch.equal(alone, other), f"for {description} the order is the same for another training seed"


@register_check("sampler", "the classes are those that the loss is computed of")
def classes_are_unchanged(subject: Subject) -> None:
    sampler = sampler_of(subject)
    for description, classes in INPUTS:
        before = classes.clone()
        sampler.num_rows(classes)
        order_of(sampler, classes, 1)
        assert torch.equal(before, classes), f"for {description} it changes the classes in place"


@register_check("sampler", "who also weighs the classes is warned that the rare ones count twice")
def balances_classes_as_declared(subject: Subject) -> None:
    sampler = sampler_of(subject)
    if not sampler.balances_classes:
        skip("it does not declare balances_classes")
    for description, classes in INPUTS:
        counts = torch.bincount(classes[order_of(sampler, classes, 1)])[classes.unique()]
        most, least = int(counts.max()), int(counts.min())
        assert most - least <= 1, f"for {description} an epoch has {most} rows of one class and {least} of another"
