"""Checks of modules on another device: a GPU where there is one, and everywhere a device that is pretended."""

from __future__ import annotations

import torch

from zoo_core.components.contracts import Model
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.modules.behavior import MODULE_KINDS, build_modules, evaluate, first_line
from zoo_core.testing.modules.other_device import DEVICE, OtherDevice, TensorElsewhere, move_module


@register_check(MODULE_KINDS, "training may use a GPU: a tensor made in forward() must be made where the inputs are")
def runs_on_another_device(subject: Subject) -> None:
    has_sparse_gradients = isinstance(subject.component, Model) and subject.component.has_sparse_gradients()
    for module, tensors in build_modules(subject):
        move_module(module)
        for mode in (False, True):
            try:
                with seeded(7, "dropout"), OtherDevice():  # type: ignore[no-untyped-call]
                    output = module.train(mode)(*map(TensorElsewhere, tensors))
                    device = output.device
                    if output.requires_grad and not has_sparse_gradients:
                        output.sum().backward()
            except Exception as error:  # torch has several types for it
                raise AssertionError(f"it runs on the CPU only: {first_line(error)}") from error
            assert device == DEVICE, "it runs on the CPU only: its output is there, although its input is not"


@register_check(MODULE_KINDS, "training may use a GPU")
def same_on_gpu(subject: Subject) -> None:
    if not torch.cuda.is_available():
        skip("this machine has no GPU")
    for module, tensors in build_modules(subject):
        on_cpu = evaluate(module, tensors)
        on_gpu = evaluate(module.cuda(), tuple(tensor.cuda() for tensor in tensors))
        assert_close(on_gpu.cpu(), on_cpu, "it gives other outputs on a GPU", rtol=1e-3, atol=1e-4)
