"""Damaged run folders: each is opened and used, or rejected, without an abort, a hang or much memory.

python -m benchmarks.fuzz_run_folders [--inputs 10000] [--seed 0]

Values in the files of sound runs are replaced by others and by extreme ones, and bytes are changed; the manifest is
then written again, as a stranger would. Every folder that ends otherwise is kept in the working folder.
"""

from __future__ import annotations

import faulthandler
import json
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.fuzz_command import run_fuzzer
from benchmarks.fuzz_data_files import MAX_SECONDS, damage
from zoo_core import ZooError, load_recipe, open_run, train
from zoo_core.components.decisions.decision import Decision
from zoo_core.config.zoo import Zoo
from zoo_core.runs.decisions.choose import save_decision
from zoo_core.runs.decisions.stored import StoredDecision
from zoo_core.runs.lockfile import read_lock, verify_lock
from zoo_core.runs.report import run_report
from zoo_core.runs.store import MANIFEST, to_json
from zoo_core.runs.views.changes import changes_since_training

T = TypeVar("T")
SETTINGS = {
    "text-mlp": ("training.epochs=1",),
    "fasttext": ("training.epochs=1", "vectorizer.size=64"),
    "text-fast": ("training.epochs=1",),
}
COLUMNS = ("task=text-classification",)
VALUES = (
    *("null", "true", "0", "1", "-1", "2", "0.5", "-0.0", "1e999", "NaN", "-Infinity", "1e-400", "9" * 10_000),
    *(str(2**31), str(2**53 + 1), str(2**63 - 1), str(2**63), str(-(2**63)), str(2**200), "1e300"),
    *('""', '"a"', '"\\u0000"', '"\\ud800"', '"\\u001b[31m"', '"../../x"', '"/dev/zero"', '"-"', '"*"', '"é"', '"1"'),
    *("[]", "{}", "[1]", "[[]]", '{"a": 1}', '["a", "a"]', "[" * 5000, '{"a":' * 5000, '"' + "x" * 100_000 + '"'),
)
SCALAR = re.compile(rb'"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|\[\]|\{\}')
TEXTS = ["soup 1 bad", "", "tea " * 50, "\u0000", "김치 🍲"]


def write_rows(folder: Path) -> Path:
    """A file of texts of two classes."""
    data = folder / "d.csv"
    rows = [f"soup {number} bad and cold,a\ntea {number} good and warm,b" for number in range(40)]
    data.write_text("\n".join(["text,label", *rows, ""]), encoding="utf-8")
    return data


def make_runs(folder: Path, zoo: Zoo) -> list[Path]:
    """Sound runs of several recipes, one of them with a threshold; they were trained on a file."""
    data, runs = write_rows(folder), []
    for name, settings in SETTINGS.items():
        recipe = load_recipe(name, zoo=zoo).override(*settings, *COLUMNS)
        run = train(recipe, data, run=folder / name)
        runs.append(run.folder)
    save_decision(open_run(runs[0], zoo=zoo), StoredDecision(Decision.of_threshold(0.3)))
    return runs


def damage_folder(files: dict[str, bytes], draw: random.Random) -> dict[str, bytes]:
    """One or two changes of the files of a run. The manifest fits them, unless it is what was changed."""
    changed = dict(files)
    names = sorted(files)
    for _ in range(draw.choice((1, 1, 2))):
        name = draw.choice(names)
        if name.endswith(".safetensors") and draw.random() < 0.7:
            changed[name] = damage_tensors(changed[name], draw)
        elif not name.endswith(".safetensors") and draw.random() < 0.8:
            changed[name] = damage_values(changed[name], draw)
        else:
            changed[name] = damage(changed[name], draw)
    if draw.random() < 0.03:
        del changed[draw.choice(names)]
    if changed.get(MANIFEST) == files[MANIFEST]:
        hashes = {name: sha256(data).hexdigest() for name, data in changed.items() if name != MANIFEST}
        changed[MANIFEST] = to_json({"format": 1, "files": hashes})
    return changed


def damage_values(data: bytes, draw: random.Random) -> bytes:
    """Replace a value or a name in JSON or TOML, swap two, or repeat or remove a line."""
    found = list(SCALAR.finditer(data))
    if not found:
        return damage(data, draw)
    match draw.randrange(8):
        case 0:
            lines = data.splitlines(keepends=True)
            at = draw.randrange(len(lines))
            lines[at : at + 1] = [lines[at]] * draw.choice((0, 2))
            return b"".join(lines)
        case 1:
            one, other = draw.choice(found), draw.choice(found)
            return data[: one.start()] + other[0] + data[one.end() :]
    one = draw.choice(found)
    return data[: one.start()] + draw.choice(VALUES).encode() + data[one.end() :]


def damage_tensors(data: bytes, draw: random.Random) -> bytes:
    """Change a header of safetensors, with its length, or put extreme numbers into the weights."""
    size = int.from_bytes(data[:8], "little")
    header, body = data[8 : 8 + size], data[8 + size :]
    if draw.random() < 0.3 and body:
        at = draw.randrange(len(body))
        number = draw.choice((b"\x00\x00\xc0\x7f", b"\x00\x00\x80\xff", b"\xff\xff\x7f\x7f", b"\xff" * 8))
        return data[: 8 + size] + body[:at] + number + body[at + len(number) :]
    values = _parsed_header(header) if draw.random() < 0.3 else {}
    for tensor in values.values():
        if isinstance(tensor, dict) and isinstance(shape := tensor.get("shape"), list) and draw.random() < 0.5:
            tensor["shape"] = draw.choice(([], [0], [2**62, 4], [2**40], shape[::-1], [1, *shape]))
            tensor["dtype"] = draw.choice((tensor.get("dtype"), "F16", "I64", "BOOL", "F64", "F8_E4M3", "X"))
    header = json.dumps(values).encode() if values else damage_values(header, draw)
    return len(header).to_bytes(8, "little") + header + body


def _parsed_header(header: bytes) -> dict[str, Any]:
    """The header of a sound file; empty for one that was changed before."""
    try:
        values = json.loads(header)
        return values if isinstance(values, dict) else {}
    except ValueError:
        return {}


def use_run(folder: Path, zoo: Zoo, *, is_quick: bool = False) -> str:
    """Open a run and use it in every way, or only predict: "opened" or "rejected"; other errors are raised."""
    run = _attempt(lambda: open_run(folder, zoo=zoo))
    lock = _attempt(lambda: read_lock(folder))
    if lock is not None:
        _attempt(lambda: verify_lock(lock, zoo))
    if run is None:
        return "rejected"
    _attempt(lambda: run.predict(TEXTS).labels)
    if is_quick:
        return "opened"
    _attempt(lambda: run.evaluate())
    _attempt(lambda: run.explain(TEXTS[0]))
    _attempt(lambda: run.top_features(3))
    _attempt(lambda: run_report(run))
    _attempt(lambda: changes_since_training(run))
    return "opened"


def _attempt(step: Callable[[], T]) -> T | None:
    try:
        return step()
    except ZooError as error:
        assert all("\n" not in str(problem) for problem in error.problems)
        return None


def fuzz(inputs: int, folder: Path, zoo: Zoo, seed: int = 0, *, is_quick: bool = False) -> tuple[Counter[str], float]:
    """How so many damaged runs ended, and the seconds of the slowest one."""
    sound = [{path.name: path.read_bytes() for path in run.iterdir()} for run in make_runs(folder, zoo)]
    draw, ends, slowest = random.Random(seed), Counter[str](), 0.0
    damaged = folder / "damaged"
    for number in range(inputs + len(sound)):
        is_sound = number < len(sound)
        files = sound[number] if is_sound else damage_folder(draw.choice(sound), draw)
        shutil.rmtree(damaged, ignore_errors=True)
        damaged.mkdir()
        for name, data in files.items():
            (damaged / name).write_bytes(data)
        started = time.monotonic()
        if not is_quick:
            faulthandler.dump_traceback_later(3 * MAX_SECONDS, exit=True)
        try:
            end = use_run(damaged, zoo, is_quick=is_quick)
        except Exception as error:
            end = f"{type(error).__name__}: {str(error)[:80]}"
        faulthandler.cancel_dump_traceback_later()
        seconds = time.monotonic() - started
        assert not is_sound or end == "opened", end
        if end not in ("opened", "rejected") or seconds > MAX_SECONDS:
            shutil.copytree(damaged, f"fuzz-run-{seed}-{number}", dirs_exist_ok=True)
        ends[end] += not is_sound
        slowest = max(slowest, seconds)
    return ends, slowest


def main(report: Callable[[str], None] = print) -> None:
    """Fuzz run folders and report how they ended."""
    run_fuzzer(fuzz, ("opened", "rejected"), __doc__, report)


if __name__ == "__main__":
    main()
