"""Damaged checkpoints and swaps: what is resumed from is exactly what was stored, or it is rejected.

python -m benchmarks.fuzz_checkpoints [--inputs 10000] [--seed 0]

Bytes of checkpoints, of the description of a training, and of a swap's design, records, scores and runs are changed.
A third of the checkpoints and records get a valid hash again, as a stranger would give them: they may hold other
numbers, but no abort, hang or much memory may follow. Every input that ends otherwise is kept in the working folder.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from attrs import frozen

from benchmarks.fuzz_command import run_fuzzer
from benchmarks.fuzz_data_files import MAX_SECONDS, damage
from benchmarks.fuzz_run_folders import damage_tensors, damage_values
from zoo_core import ZooError, load_recipe
from zoo_core.config.zoo import Zoo
from zoo_core.experiments.design import SwapDesign, design_swap
from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.records import Trial, check_trial, read_record, read_scores
from zoo_core.experiments.swap_folder import DESIGN_FILE, open_swap_folder
from zoo_core.messages import LOGGER
from zoo_core.runs.resume_info import RESUME_FILE, ResumeInfo
from zoo_core.runs.sealed_json import SEAL, to_sealed_json
from zoo_core.runs.staging import CHECKPOINT_FILES
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.checkpoint_file import SEAL as SEAL_PATTERN
from zoo_core.training.checkpoint_file import ZEROS
from zoo_core.training.checkpoint_state import capture_state, restore_state
from zoo_core.training.early_stopping import TrainingState, copy_weights
from zoo_core.training.state_encoding import encode_state

ENDS = ("equal", "rejected", "of a stranger")
SETTINGS = ("training.epochs=1", "model.hidden=[4]", "training.device=cpu")


class Training:
    """A tiny training with its module, optimizer and scheduler, and checkpoints of two epochs."""

    def __init__(self, folder: Path, zoo: Zoo) -> None:
        self.folder, self.plan = folder, load_recipe("yelp-mlp", zoo=zoo).plan()
        self.info = ResumeInfo("tiny", "[task]\n", ["d.csv"], "", str(folder))
        self.info.write(folder)
        self.build()
        checkpoint, self.stored = self.checkpoint(), list[Any]()
        for epoch in range(2):
            self.optimizer.zero_grad()
            self.module(torch.ones(1, 3)).sum().backward()
            self.optimizer.step()
            self.state.update({"train_loss": 0.5, "val_loss": 0.7 - epoch / 10}, 0.5 - epoch / 10, self.module)
            checkpoint.save(self.capture)
            self.stored.append(_plain(self.capture()))

    def build(self) -> None:
        """Build everything anew, as at the start of a training."""
        torch.manual_seed(0)
        self.module = torch.nn.Linear(3, 2)
        self.optimizer = self.plan.optimizer.build(list(self.module.parameters()))
        self.scheduler = self.plan.scheduler.build(self.optimizer, epochs=2, steps_per_epoch=1)
        self.state = TrainingState(copy_weights(self.module))

    def capture(self) -> dict[str, Any]:
        """The state to store."""
        return capture_state(self.module, self.optimizer, self.scheduler, self.state)

    def checkpoint(self) -> Checkpoint:
        """The checkpoint of this training, as `resume` makes it from its description."""
        return Checkpoint(self.folder, 0.0, "hash of the data", ResumeInfo.read(self.folder).identity, is_resumed=True)

    def use(self) -> bool:
        """Resume; whether the state is exactly one that was stored."""
        self.build()
        stored = self.checkpoint().load(model_bytes=100)
        if stored is None:
            return True
        restore_state(stored, self.module, self.optimizer, self.scheduler, self.state)
        return _plain(self.capture()) in self.stored


def _plain(state: Any) -> tuple[Any, Any]:
    tensors: dict[str, torch.Tensor] = {}
    return repr(encode_state(state, tensors)), [tensor.numpy().tobytes() for tensor in tensors.values()]


@frozen
class Swap:
    """A finished swap of one trial."""

    folder: Path
    design: SwapDesign
    content: bytes
    trial: Trial
    result: Any

    @classmethod
    def make(cls, folder: Path, zoo: Zoo) -> Swap:
        """Run the swap."""
        design = design_swap(load_recipe("yelp-mlp", zoo=zoo).override(*SETTINGS), [], seeds=1)
        with open_swap_folder(design, str(folder)):
            run_trials(design, folder, on_record=lambda _record: None)
        (trial,) = design.trials()
        return cls(folder, design, to_sealed_json(design.to_dict()), trial, _result(folder, trial))

    def use(self) -> bool:
        """Check and read everything; whether it is what was stored."""
        if (self.folder / DESIGN_FILE).read_bytes() != self.content:
            with open_swap_folder(self.design, str(self.folder)):
                return True
        check_trial(self.folder, self.trial)
        return bool(_result(self.folder, self.trial) == self.result)


def _result(folder: Path, trial: Trial) -> Any:
    record = read_record(folder, trial)
    scores = None if record is None else read_scores(folder, record)
    return record, scores and [tensor.tolist() for tensor in scores]


def damage_file(data: bytes, path: Path, draw: random.Random) -> tuple[bytes, bool]:
    """A damaged file, and whether it has a valid hash again."""
    match draw.randrange(6):
        case 0:
            return data[: draw.randrange(len(data))], False
        case 1:
            at = draw.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :], False
        case 2:
            return damage(data, draw), False
    is_tensors = path.suffix == ".safetensors"
    data = damage_tensors(data, draw) if is_tensors else damage_values(data, draw)
    return (_reseal_tensors(data) if is_tensors else _reseal_json(data)) if draw.random() < 0.7 else (data, False)


def _reseal_tensors(data: bytes) -> tuple[bytes, bool]:
    found = SEAL_PATTERN.search(data)
    if not found:
        return data, False
    blank = data[: found.start(1)] + ZEROS + data[found.end(1) :]
    return data[: found.start(1)] + sha256(blank).hexdigest().encode() + data[found.end(1) :], True


def _reseal_json(data: bytes) -> tuple[bytes, bool]:
    try:
        values = json.loads(data)
        return to_sealed_json({key: value for key, value in values.items() if key != SEAL}), True
    except (ValueError, AttributeError, RecursionError):
        return data, False


def fuzz(inputs: int, folder: Path, zoo: Zoo, seed: int = 0) -> tuple[Counter[str], float]:
    """How so many damaged files ended, and the seconds of the slowest one."""
    (folder / "training").mkdir()
    training, swap = Training(folder / "training", zoo), Swap.make(folder / "swap", zoo)
    assert training.use() and swap.use()
    places: list[tuple[Training | Swap, list[Path]]] = [
        (training, [training.folder / name for name in (*CHECKPOINT_FILES, RESUME_FILE)]),
        (swap, [path for path in swap.folder.rglob("*.*") if path.parent.name != "recipes"]),
    ]
    draw, ends, slowest = random.Random(seed), Counter[str](), 0.0
    logging.getLogger(LOGGER).disabled = True
    for number in range(inputs):
        place, paths = draw.choice(places)
        chosen = draw.sample(paths, draw.choice((1, 1, 1, 2)))
        sound = {path: path.read_bytes() for path in chosen}
        damaged = {path: damage_file(data, path, draw) for path, data in sound.items()}
        for path, (data, _) in damaged.items():
            path.write_bytes(data)
        started = time.monotonic()
        if number % 100 == 0:
            faulthandler.dump_traceback_later(10 * MAX_SECONDS, exit=True)
        end = _end(place.use, is_strange=any(has_hash for _, has_hash in damaged.values()))
        seconds = time.monotonic() - started
        if end not in ENDS or seconds > MAX_SECONDS:
            shutil.copytree(place.folder, f"fuzz-checkpoint-{seed}-{number}", dirs_exist_ok=True)
        for path, data in sound.items():
            path.write_bytes(data)
        ends[end] += 1
        slowest = max(slowest, seconds)
    faulthandler.cancel_dump_traceback_later()
    logging.getLogger(LOGGER).disabled = False
    return ends, slowest


def _end(use: Callable[[], bool], *, is_strange: bool) -> str:
    try:
        return "equal" if use() else "of a stranger" if is_strange else "other numbers"
    except ZooError as error:
        assert all("\n" not in str(problem) for problem in error.problems)
        return "rejected"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"


def main(report: Callable[[str], None] = print) -> None:
    """Fuzz checkpoints and swaps and report how they ended."""
    run_fuzzer(fuzz, ENDS, __doc__, report)


if __name__ == "__main__":
    main()
