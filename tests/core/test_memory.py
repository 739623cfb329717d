"""Freed memory is returned to the operating system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from zoo_core.memory import tune_malloc

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() >> 20  # MiB

if sys.argv[1] == "tune":
    tune_malloc()
np.ones(30 << 17)  # 30 MiB, freed at once, which raises the threshold of glibc
before = resident()
large, small = [], []
for _ in range(10):
    large.append(np.ones(10 << 17))
    small.append(np.ones(1 << 10))  # stays between them
del large
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_large_arrays_are_returned_while_small_ones_stay():
    def growth(mode: str) -> int:
        told = subprocess.run([sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True)
        return int(told.stdout)

    assert growth("tune") < 30 < growth("default")  # of 100 MiB
