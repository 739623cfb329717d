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


STEPS = """
import resource, sys
import numpy as np
from zoo_core.memory import keep_freed_memory, tune_malloc

def faults(steps):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(steps):
        np.ones(48 << 17)  # 48 MiB: a padded batch
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // steps

tune_malloc()
returned = faults(5)
with keep_freed_memory():
    faults(2)
    kept = faults(5)
with keep_freed_memory(is_useful=False):
    as_before = faults(5)
print(returned, kept, as_before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_the_steps_of_a_padded_model_use_the_same_memory_again():
    answer = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True).stdout
    returned, kept, as_before = map(int, answer.split())
    assert kept < 100 < returned
    assert as_before > 100
