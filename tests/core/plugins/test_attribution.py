"""Attribution of errors: a plugin is not blamed for what the machine or a number causes."""

from __future__ import annotations

import errno

import numpy as np
import polars as pl
import pytest
import torch

from zoo_core.errors import NumericalError
from zoo_core.plugins.attribution import attribute_errors, find_resource_error


@pytest.mark.parametrize(
    "fail",
    [
        lambda: torch.empty(1 << 46),
        lambda: torch.empty(1 << 62, 1 << 2, device="meta"),
        lambda: torch.empty(1 << 62),
        lambda: np.empty(1 << 46),
        lambda: np.empty(1 << 62),
        lambda: bytearray(1 << 46),
    ],
)
def test_exhausted_memory_is_a_memory_error(registry, fail):
    with pytest.raises(MemoryError), attribute_errors(registry):
        fail()


@pytest.mark.parametrize(
    "fail", [lambda: torch.zeros(2).fill_(1e39), lambda: torch.zeros(2).add_(1, alpha=1e39), lambda: float(10**400)]
)
def test_a_number_that_is_too_large_is_a_numerical_error(registry, fail):
    with (
        pytest.raises(NumericalError, match=r"a number is too large: .*hint: try a smaller"),
        attribute_errors(registry),
    ):
        fail()


def test_an_exhausted_disk_is_not_changed(registry):
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE):
        with pytest.raises(OSError, match="full") as caught, attribute_errors(registry):
            raise OSError(number, "full")
        assert caught.value.errno == number


def test_other_errors_are_not_the_machines():
    for error in (ValueError("bad"), RuntimeError("out of order"), OSError(errno.ENOENT, "no file"), RecursionError()):
        assert find_resource_error(error) is None
    assert isinstance(find_resource_error(pl.exceptions.PanicException("capacity overflow")), MemoryError)
