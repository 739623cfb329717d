"""`zoo swap`: table, folder, incompatible variants, failed trials, and resuming after a kill."""

from __future__ import annotations

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import limit

QUICK = ("--set", "training.epochs=2", "--set", "vectorizer.cutoff=0", "--set", "model.hidden=[8]")
SLOT = "model.activation=relu,prelu"


@pytest.fixture
def swap(zoo, reviews):
    """`swap(*arguments)`: two quick epochs of the MLP on a small file."""

    def made(*arguments):
        return zoo("swap", "yelp-mlp", *arguments, *QUICK, "--data", reviews)

    return made


def bytes_of(folder):
    return {path: path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def test_swap_writes_a_table_a_sentence_and_a_folder(swap, zoo):
    answer = swap(SLOT, "--seeds", "2")
    assert answer.code == 0, answer.err
    header, first, second = (line.split("\t") for line in answer.out.splitlines())
    assert header == ["variant", "accuracy", "95% CI", "diff (pp)", "95% CI", "p", "params", "seconds"]
    assert (first[0], second[0]) == ("relu", "prelu") and first[3:6] == ["", "", ""] and "" not in second
    assert "trial 4/4: prelu, seed 1338: " in answer.err
    assert "prelu and relu" in answer.err or "beats" in answer.err
    assert "best so far: " in answer.err and answer.lines[-1].startswith("to train it: zoo train yelp-mlp --data ")
    out = Path("swaps/yelp-mlp-1")
    names = {"swap.json", "trials", "records", "recipes", "trials.csv", "table.csv", "table.json", "report.txt"}
    assert {path.name for path in out.iterdir()} == names | {"intervals.svg", "curves.svg"}
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert [row["variant"] for row in rows] == ["relu", "prelu"] and rows[1]["baseline"] == "relu"
    assert len(list(csv.DictReader((out / "trials.csv").read_text().splitlines()))) == 4
    assert [path.name for path in sorted((out / "recipes").iterdir())] == ["01-relu.toml", "02-prelu.toml"]
    assert zoo("show", "recipe", str(out / "recipes" / "02-prelu.toml")).code == 0
    labels = zoo("predict", out / "trials" / "02-prelu-seed-1338", "great food", "awful soup").out.splitlines()
    assert len(labels) == 3
    environment = json.loads((out / "trials" / "02-prelu-seed-1338" / "environment.json").read_text())
    assert environment["threads"] == 1


def test_json_equals_the_folder(swap):
    answer = swap(SLOT, "--seeds", "2", "--run", "here", "--json", "--metric", "f1")
    result = answer.json
    assert result.pop("out") == "here" and result == json.loads(Path("here/table.json").read_text(encoding="utf-8"))
    assert result["metric"] == "f1" and result["variants"][1]["test"] == "rows and seeds"
    assert result["variants"][1]["sentence"] in Path("here/report.txt").read_text(encoding="utf-8")


def test_repeated_swap_reuses_trials(swap):
    first = swap(SLOT, "--seeds", "1", "--run", "here", "--json")
    before = bytes_of("here")
    again = swap(SLOT, "--seeds", "1", "--run", "here", "--json")
    assert again.out == first.out and bytes_of("here") == before
    assert "2 of 2 trials already done" in again.err and "trial 1/2" not in again.err
    assert swap(SLOT, "--seeds", "1", "--run", "here", "--json", "--metric", "loss").json["metric"] == "loss"


def test_cross_validation_without_variants(swap):
    answer = swap("--folds", "3", "--json", "--group", "rating")
    assert answer.code == 3 and "cannot make 3 folds" in answer.err
    assert not Path("swaps").exists()  # reported before anything is trained or written
    answer = swap("--folds", "3", "--json")
    (choice,) = answer.json["variants"]
    assert (choice["variant"], choice["trials"], answer.json["evaluated_on"]) == ("baseline", 3, "fold")
    assert 0 <= choice["low"] <= choice["mean"] <= choice["high"] <= 1


def test_folds_use_the_corrected_t_test(swap):
    result = swap("optimizer.lr=0.001,0.1,0.01", "--folds", "3", "--json").json
    assert {one["test"] for one in result["variants"][1:]} == {"corrected t over folds"}
    assert all(one["p_holm"] >= one["p"] for one in result["variants"][1:])


def test_one_seed_uses_mcnemars_test(swap):
    result = swap("optimizer.lr=0.0001,0.1", "--seeds", "1", "--json").json
    assert (result["variants"][1]["test"], result["variants"][1]["scope"]) == ("mcnemar", "models")


def test_test_split_is_used_on_request_and_reported(swap):
    answer = swap(SLOT, "--seeds", "1", "--on", "test")
    assert "Evaluated on the test split: valid once" in answer.err


def test_incompatible_variant_is_skipped_and_reported(swap, refused):
    answer = swap("loss=bce-with-logits,bce,cross-entropy", "--seeds", "1", "--json")
    (left,) = answer.json["skipped"]
    assert answer.code == 0 and left["variant"] == "bce" and "expects probabilities" in left["reason"]
    assert "zoo: skipped: bce: " in answer.err


def test_strict_rejects_incompatible_variants(swap, refused):
    refused(swap("loss=bce-with-logits,bce", "--strict"), 2, "expects probabilities")
    refused(swap("loss=bce-with-logits,bce"), 2, "no compatible variant to compare with the baseline")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("activation=relu,tanh",),
            "the slots are task, vectorizer, vectorizer.tokenizer, model, model.activation",
        ),
        (("model.activation=relu,tahn",), 'did you mean "tanh"?'),
        ((SLOT, "--metric", "acuracy"), 'did you mean "accuracy"?'),
        ((SLOT, "--folds", "3", "--on", "test"), "exclude each other"),
        ((SLOT, "--folds", "1"), "--folds"),
        ((SLOT, "--seeds", "0"), "--seeds"),
        ((SLOT, "--group", "rating"), "--folds 5"),
        (("training.seed=1,2", "--seeds", "2"), '"2, seed 2" and "1, seed 2" are the same training'),
        (("training.threads=1,2", "--seeds", "1"), "all variants use the same threads"),
    ],
)
def test_rejects_invalid_usage(swap, refused, arguments, expected):
    refused(swap(*arguments), 2, expected)
    assert not Path("swaps").exists()


@pytest.mark.parametrize("command", [("train",), ("swap", SLOT, "--seeds", "1")], ids=lambda command: command[0])
def test_memory_allocator_is_tuned(zoo, reviews, monkeypatch, command):
    calls = []
    monkeypatch.setattr("zoo_core.memory.tune_malloc", lambda: calls.append(command))
    name, *arguments = command
    answer = zoo(name, "yelp-mlp", *arguments, *QUICK, "--data", reviews)
    assert answer.code == 0, answer.err
    assert calls == [command]


def test_disjoint_seeds_are_compared(swap):
    answer = swap("training.seed=1,3", "--seeds", "2", "--json")
    assert answer.code == 0, answer.err
    result = {line.split(": ")[1] for line in answer.lines if line.startswith("trial ")}
    assert result == {"1, seed 1", "1, seed 2", "3, seed 3", "3, seed 4"}


def test_recipes_are_compared_with_the_first(zoo, reviews):
    settings = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0", "--data", reviews, "--seeds", "1")
    Path("own.toml").write_text('extends = "yelp-perceptron"\n[split]\nseed = 7\n', encoding="utf-8")
    answer = zoo("swap", "yelp-mlp,own.toml", *settings, "--json")
    assert answer.code == 0, answer.err
    result = answer.json
    assert (result["recipe"], result["out"]) == ("yelp-mlp,own.toml", str(Path("swaps/yelp-mlp-own-1")))
    assert [row["variant"] for row in result["variants"]] == ["yelp-mlp", "own.toml"]
    assert "own.toml is split as yelp-mlp is, not as its recipe says: 0.7, 0.15 and 0.15, seed 7" in answer.err
    run = json.loads(Path("swaps/yelp-mlp-own-1/trials/02-own-toml-seed-1337/result.json").read_text(encoding="utf-8"))
    assert run["recipe"] == "own.toml"
    name, *words = shlex.split(result["best"]["command"])
    pasted = zoo(*words, "--run", "pasted")
    assert name == "zoo" and pasted.code == 0, pasted.err
    assert zoo("swap", "yelp-mlp,own.toml", *settings, "--json").out != answer.out  # a finished swap is not resumed
    assert "2 of 2 trials already done" in zoo("swap", "yelp-mlp,own.toml", *settings, "--run", result["out"]).err


def test_recipes_of_other_rows_are_skipped(zoo, refused, reviews):
    refused(zoo("swap", "yelp-mlp,surnames-mlp"), 2, "other sample data than yelp-mlp")
    lines = reviews.read_text(encoding="utf-8").splitlines()
    header, *rows = [f"{line},{'other' if index else 'kind'}" for index, line in enumerate(lines)]
    reviews.write_text("\n".join([header, *rows]), encoding="utf-8")
    Path("own.toml").write_text('extends = "text-mlp"\n[task]\ntext = "review"\nlabel = "kind"\n', encoding="utf-8")
    refused(zoo("swap", "yelp-mlp,own.toml", "--data", reviews), 2, "reads other rows or labels than that of yelp-mlp")
    refused(zoo("swap", "yelp-mlp", "text-mlp"), 2, "join them with commas: yelp-mlp,text-mlp")


def test_folder_of_something_else_is_rejected(swap, refused):
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("keep me", encoding="utf-8")
    refused(swap(SLOT, "--run", "mine"), 2, "not a swap folder")
    assert bytes_of("mine") == {Path("mine/notes.txt"): b"keep me"}
    refused(swap(SLOT, "--run", "mine/notes.txt"), 2, "is a file")
    assert swap(SLOT, "--run", "here", "--seeds", "1").code == 0
    other = swap("model.activation=relu,tanh", "--run", "here", "--seeds", "1")
    assert other.code == 2 and "holds another swap" in other.err


def test_failed_trial_is_recorded_and_others_continue(swap):
    arguments = ("optimizer.lr=0.1,1e30", "--set", "optimizer=sgd", "--seeds", "2", "--run", "here", "--json")
    answer = swap(*arguments)
    assert answer.code == 6
    good, bad = answer.json["variants"]
    assert (good["trials"], bad) == (2, {"variant": "1e30", "trials": 0})
    assert [one["trial"] for one in answer.json["failed"]] == ["1e30, seed 1337", "1e30, seed 1338"]
    assert all("nan" in one["reason"] or "inf" in one["reason"] for one in answer.json["failed"])
    assert "1e30 cannot be compared" in Path("here/report.txt").read_text(encoding="utf-8")
    before = {path: data for path, data in bytes_of("here/records").items() if "0-1" in path.name}
    again = swap(*arguments)
    assert again.code == 6 and "2 of 4 trials already done" in again.err
    assert before.items() <= bytes_of("here/records").items()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.slow
@pytest.mark.parametrize("killer", [getattr(signal, "SIGKILL", 9), signal.SIGTERM])
def test_killed_swap_is_resumed_to_the_same_result(swap, reviews, killer):
    call = ["swap", "yelp-mlp", SLOT, *QUICK, "--set", "training.patience=0", "--data", str(reviews), "--seeds", "2"]
    call += ["--set", "training.epochs=25", "--jobs", "2", "--run", "here"]
    child = subprocess.Popen(
        [sys.executable, "-m", "zoo_cli", *call], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    for line in child.stderr:
        if line.startswith(b"trial 1/4"):
            os.kill(child.pid, killer)
            break
    rest = child.stderr.read().decode()  # ends when every process of the swap has ended
    child.stderr.close()
    assert child.wait(limit()) == (-9 if killer == signal.SIGKILL else 143), rest
    assert killer == signal.SIGKILL or rest.endswith("run the same command again to resume\n")
    assert killer == signal.SIGKILL or not any(path.name.endswith(".partial") for path in Path("here").rglob("*"))
    done = bytes_of("here/records")
    assert len(done) >= 2 and not Path("here/table.json").exists()
    from zoo_cli.main import run

    assert run(call) == 0
    assert done.items() <= bytes_of("here/records").items()
    assert sorted(path.name for path in Path("here").glob("*.lock")) == []
    assert run([*call[:-3], "1", "--run", "whole"]) == 0
    for path in sorted(Path("whole/trials").rglob("model.safetensors")):
        assert path.read_bytes() == (Path("here") / path.relative_to("whole")).read_bytes()
    assert sorted(path.name for path in Path("here/trials").iterdir()) == sorted(
        path.name for path in Path("whole/trials").iterdir()
    )


def test_concurrent_swaps_in_one_folder_are_rejected(swap):
    from zoo_core.runs.staging import locked_folder

    assert swap(SLOT, "--seeds", "1", "--run", "here").code == 0
    with locked_folder(Path("here"), doing="swap", hint=""):
        answer = swap(SLOT, "--seeds", "1", "--run", "here")
    assert answer.code == 7 and "another swap is writing here" in answer.err


@pytest.mark.parametrize("backend", ["loky", "dask"])
@pytest.mark.slow
def test_parallel_trials_have_equal_weights(swap, backend):
    if backend == "dask":
        pytest.importorskip("distributed")
    alone = swap(SLOT, "--seeds", "2", "--run", "alone", "--json")
    answer = swap(SLOT, "--seeds", "2", "--run", "together", "--json", "--jobs", "2", "--backend", backend)
    assert answer.code == 0, answer.err
    assert answer.err.count("\ntrial ") == 4
    for one, two in zip(alone.json["variants"], answer.json["variants"], strict=True):
        assert (one["mean"], one.get("p")) == (two["mean"], two.get("p"))
    for path in sorted(Path("alone/trials").rglob("model.safetensors")):
        assert path.read_bytes() == (Path("together") / path.relative_to("alone")).read_bytes()


def test_missing_dask_is_rejected_with_an_install_command(swap, refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused(swap(SLOT, "--backend", "dask"), 2, "pip install 'textzoo[dask]'")


def test_run_of_a_fold_has_no_file_splits(swap, zoo):
    assert swap("--folds", "2", "--run", "here").code == 0
    run = next(Path("here/trials").iterdir())
    assert zoo("evaluate", run, "--json").json["rows"] == 12
    answer = zoo("evaluate", run, "--on", "val")
    assert answer.code == 2 and "trained on a fold" in answer.err
    assert "finished" in zoo("runs", "here/trials").out
