"""Plugins frozen, lost and restored with the real pip, in a virtual environment and without a network."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import venv
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SOURCE = '''
from attrs import frozen
from zoo_core import Activation, hookimpl


@frozen
class Wobble(Activation):
    """x. Source: none."""

    name = "wobble"
    acts = "elementwise"

    def build(self):
        from torch import nn

        return nn.Identity()


@hookimpl
def zoo_activations():
    return [Wobble]
'''


def write_wheel(folder: Path) -> None:
    """The wheel of a distribution with one activation, as a build tool writes it."""
    info = "textzoo_mine-1.2.dist-info"
    files = {
        "textzoo_mine.py": SOURCE,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: textzoo-mine\nVersion: 1.2\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[textzoo.plugins]\nmine = textzoo_mine\n",
    }
    digests = {
        name: base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
        for name, text in files.items()
    }
    record = "".join(f"{name},sha256={digests[name]},{len(text.encode())}\n" for name, text in files.items())
    with zipfile.ZipFile(folder / "textzoo_mine-1.2-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            wheel.writestr(name, text)


@pytest.fixture
def call(tmp_path):
    """`call("plugins", "list")`: zoo of an environment of its own, which finds wheels in a folder only."""
    write_wheel(tmp_path)
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    others = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    others |= {"ZOO_STATE": str(tmp_path / "state"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def run(*arguments: str, module: str = "zoo_cli") -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **others}
        return subprocess.run(
            [python, "-m", module, *arguments], env=variables, capture_output=True, text=True, cwd=tmp_path, check=False
        )

    return run


def test_plugins_are_frozen_lost_and_restored(call, tmp_path):
    installed = call("plugins", "install", "textzoo-mine")
    assert installed.returncode == 0 and "new: textzoo-mine/mine" in installed.stderr, installed
    assert call("show", "activation", "wobble").stdout.startswith("activation wobble   (textzoo-mine/mine:wobble)")
    frozen = call("plugins", "freeze").stdout
    assert "textzoo-mine==1.2\n" in frozen
    (tmp_path / "plugins.txt").write_text("textzoo-mine==1.2\n", "utf-8")
    assert call("uninstall", "--yes", "textzoo-mine", module="pip").returncode == 0
    lost = "textzoo-mine 1.2 (hint: pip install textzoo-mine==1.2; shown once)"
    assert lost in call("list", "recipe").stderr and lost not in call("list", "recipe").stderr
    restored = call("plugins", "restore", "plugins.txt")
    assert restored.returncode == 0 and "textzoo-mine==1.2: to install" in restored.stderr, restored
    assert call("show", "activation", "wobble").returncode == 0
    assert "nothing to install" in call("plugins", "restore", "plugins.txt").stderr
