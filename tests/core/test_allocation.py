"""Memory goes back to the system when it is freed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from zoo_core.memory import tune_malloc

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() >> 20  # MiB

if sys.argv[1] == "give":
    tune_malloc()
np.ones(30 << 17)  # 30 MiB, freed at once: a sign to glibc
before = held()
large, small = [], []
for _ in range(10):
    large.append(np.ones(10 << 17))
    small.append(np.ones(1 << 10))  # what is kept between them
del large
print(held() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's own ways")
def test_large_arrays_are_given_back_though_small_ones_stay():
    def kept(how: str) -> int:
        told = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
        return int(told.stdout)

    assert kept("give") < 30 < kept("as it is")  # of 100 MiB
