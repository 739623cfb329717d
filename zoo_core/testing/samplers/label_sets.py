"""The check of samplers with the labels of multi-label targets."""

from __future__ import annotations

import torch

from zoo_core.seeds import make_generator
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.samplers.inputs import order_of, sampler_of

EPOCHS = (1, 2)


@register_check("sampler", "with several labels a text, a sampler that supports them gets a matrix of labels")
def orders_rows_with_label_sets(subject: Subject) -> None:
    sampler = sampler_of(subject)
    if "multi-label" not in sampler.targets:
        skip("it does not support multi-label targets")
    for rows, share in ((60, 0.3), (40, 0.0), (2, 1.0)):
        labels = torch.rand(rows, 3, generator=make_generator(7, "label sets", rows)) < share
        before, what = labels.clone(), f"{rows} rows with labels bool ({rows}, 3)"
        count = sampler.num_rows(labels)
        assert isinstance(count, int) and count >= 1, f"num_rows() gives {count!r} for {what}"
        for epoch in EPOCHS:
            order = order_of(sampler, labels, epoch)
            is_order = order.dtype == torch.int64 and order.shape == (count,)
            assert is_order, f"order() gives {order.dtype} {tuple(order.shape)} for {what}, expected int64 ({count},)"
            is_row = bool(((order >= 0) & (order < rows)).all())
            assert is_row, f"order() names rows from {int(order.min())} to {int(order.max())}, of {what}"
            if sampler.each_row_once:
                assert torch.equal(order.sort().values, torch.arange(rows)), f"a row is repeated or missing, of {what}"
        assert torch.equal(labels, before), "order() modifies the labels"
