"""A run that was trained once, and copies of it to be spoilt."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from zoo_core import open_run
from zoo_core.errors import RunFolderError
from zoo_core.runs import store
from zoo_core.training.pipeline import train


@pytest.fixture(scope="session")
def trained(reviews, small, tmp_path_factory):
    return train(small(), reviews, run=tmp_path_factory.mktemp("trained") / "run")


@pytest.fixture
def folder(trained, tmp_path) -> Path:
    """A copy of a run, to be spoilt."""
    return Path(shutil.copytree(trained.folder, tmp_path / "copy"))


@pytest.fixture
def seal(folder):
    """`seal(name, data)`: put other bytes into the copy's file, and their hash into its manifest."""

    def sealed(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)
        manifest = json.loads((folder / store.MANIFEST).read_bytes())
        manifest["files"][name] = sha256(data).hexdigest()
        (folder / store.MANIFEST).write_bytes(store.to_json(manifest))

    return sealed


@pytest.fixture
def refused(folder, zoo):
    """`refused(*said)`: the copy is not opened, and the error says all this."""

    def check(*said: str, folder: Path = folder) -> None:
        with pytest.raises(RunFolderError) as caught:
            open_run(folder, zoo=zoo)
        for text in said:
            assert text in str(caught.value)
        assert caught.value.exit_code == 4

    return check
