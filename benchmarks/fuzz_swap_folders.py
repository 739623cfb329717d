"""Damaged records of swaps: the results are computed or the record is rejected, without an abort or a hang.

python -m benchmarks.fuzz_swap_folders [--inputs 10000] [--seed 0]

Values in records and scores are replaced as in `fuzz_run_folders`, and the records are sealed again.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from benchmarks.fuzz_command import run_fuzzer
from benchmarks.fuzz_data_files import damage
from benchmarks.fuzz_run_folders import SETTINGS, damage_tensors, damage_values, write_rows
from zoo_core import ZooError, load_recipe
from zoo_core.config.zoo import Zoo
from zoo_core.experiments.design import SwapDesign, design_swap
from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.records import SCORES_HASH, read_record, record_path, scores_path
from zoo_core.experiments.reports.tables import write_tables
from zoo_core.experiments.results import summarize_swap, to_dict
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.runs.sealed_json import to_sealed_json

Files = dict[Path, bytes]


def make_swap(folder: Path, zoo: Zoo) -> tuple[SwapDesign, Files]:
    """The design of a small swap that ran, and the files of its records; one trial failed."""
    recipe = load_recipe("text-mlp", zoo=zoo).override(*SETTINGS["text-mlp"])
    design = design_swap(recipe, ["optimizer=sgd"], data=str(write_rows(folder)), seeds=2)
    with open_swap_folder(design, str(folder / "swap")) as opened:
        run_trials(design, opened, on_record=lambda _record: None)
    last = record_path(folder / "swap", design.trials()[-1].name)
    record = json.loads(last.read_bytes())
    failed = {key: record[key] for key in ("trial", "title", "variant", "seed", "fold", "design") if key in record}
    failed |= {"status": "failed", "reason": "loss became nan", "exit_code": 6}
    last.write_bytes(to_sealed_json(failed))
    return design, {path: path.read_bytes() for path in (folder / "swap" / "records").iterdir() if path.is_file()}


def damage_records(files: Files, design: SwapDesign, folder: Path, draw: random.Random) -> Files:
    """Change one record, or its scores, and seal it again."""
    changed, trial = dict(files), draw.choice(design.trials())
    record, scores = record_path(folder, trial.name), scores_path(folder, trial.name)
    if scores in files and draw.random() < 0.4:
        change = draw.choice((damage, damage_tensors))
        changed[scores] = change(files[scores], draw)
        changed[record] = _sealed_again(files[record], {SCORES_HASH: sha256(changed[scores]).hexdigest()})
    else:
        changed[record] = _sealed_again(damage_values(files[record], draw), {})
    return changed


def _sealed_again(data: bytes, values: dict[str, str]) -> bytes:
    try:
        record = json.loads(data)
        return to_sealed_json({key: value for key, value in {**record, **values}.items() if key != "sha256"})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return data


def use_records(design: SwapDesign, folder: Path) -> str:
    """Compute and write the results of a swap: "computed" or "rejected"; any error but ZooError is raised."""
    try:
        records = [record for trial in design.trials() if (record := read_record(folder, trial)) is not None]
        results = summarize_swap(design, folder, records, bootstrap_samples=20)
        to_dict(results, folder)
        write_tables(results, folder)
        assert 0 <= results.exit_code < 256
    except ZooError as error:
        assert all("\n" not in str(problem) for problem in error.problems)
        return "rejected"
    return "computed"


def fuzz(inputs: int, folder: Path, zoo: Zoo, seed: int = 0) -> tuple[Counter[str], float]:
    """How so many damaged swaps ended, and the seconds of the slowest one."""
    design, sound = make_swap(folder, zoo)
    swap, draw, ends, slowest = folder / "swap", random.Random(seed), Counter[str](), 0.0
    assert use_records(design, swap) == "computed"
    for number in range(inputs):
        files = damage_records(sound, design, swap, draw)
        for path, data in files.items():
            if data != sound[path]:
                path.write_bytes(data)
        started = time.monotonic()
        try:
            end = use_records(design, swap)
        except Exception as error:
            end = f"{type(error).__name__}: {str(error)[:80]}"
            changed = next(path for path, data in files.items() if data != sound[path])
            Path(f"fuzz-swap-{seed}-{number}{changed.suffix}").write_bytes(files[changed])
        slowest = max(slowest, time.monotonic() - started)
        ends[end] += 1
        for path, data in files.items():
            if data != sound[path]:
                path.write_bytes(sound[path])
    return ends, slowest


def main(report: Callable[[str], None] = print) -> None:
    """Fuzz the records of a swap and report how they ended."""
    run_fuzzer(fuzz, ("computed", "rejected"), __doc__, report)


if __name__ == "__main__":
    main()
