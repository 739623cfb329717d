"""Threads of one program: a training has the bytes of one alone, and torch's number of threads is restored."""

from __future__ import annotations

import threading

import pytest
import torch

from tests.limits import POLL_SECONDS, limit
from zoo_core import fit, open_run, prepare, resume, train
from zoo_core.errors import RecipeError
from zoo_core.evaluation import evaluator
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.seeds import seeded
from zoo_core.torch_threads import flushes_subnormal, one_training, torch_threads
from zoo_core.training import loop

OUTSIDE = 3


@pytest.fixture(autouse=True)
def _own_number():
    before = torch.get_num_threads()
    torch.set_num_threads(OUTSIDE)
    yield
    assert torch.get_num_threads() == OUTSIDE
    assert in_thread(torch.get_num_threads) == OUTSIDE
    torch.set_num_threads(before)


def in_thread(work):
    (found,) = in_threads(work)
    return found


def in_threads(*works):
    """The results of calls in one thread each; the first error is raised."""
    found, errors = [None] * len(works), []

    def call(index):
        try:
            found[index] = works[index]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(limit())
    if errors:
        raise errors[0]
    return found


def weights(run):
    return (run.folder / "model.safetensors").read_bytes()


def test_trainings_in_threads_have_the_bytes_of_one_alone(small, reviews, tmp_path, trained):
    recipes = [small("training.epochs=8", f"training.threads={number}", name="yelp-mlp") for number in (1, 2)]
    alone = [weights(train(recipe, reviews, run=tmp_path / f"alone-{n}")) for n, recipe in enumerate(recipes)]
    expected = trained.predict(["good food", "cold place"]).values
    prepared = prepare(recipes[0], reviews)
    design = design_swap(recipes[0], [], data=str(reviews), seeds=1)

    def predict():
        for _ in range(8):
            run = open_run(trained.folder)
            assert torch.equal(run.predict(["good food", "cold place"]).values, expected)

    def swap():
        with open_swap_folder(design, str(tmp_path / "swap")) as folder:
            (record,) = run_trials(design, folder, on_record=lambda _: None)
            return (folder / "trials" / record["trial"] / "model.safetensors").read_bytes()

    found = in_threads(
        predict,
        lambda: weights(train(recipes[0], reviews, run=tmp_path / "a")),
        lambda: weights(train(recipes[1], reviews, run=tmp_path / "b")),
        lambda: weights(fit(recipes[0], prepared, run=tmp_path / "c")),
        swap,
    )
    assert found[1:] == [alone[0], alone[1], alone[0], alone[0]]


def test_a_training_inside_another_one_is_refused(small, reviews, tmp_path):
    with one_training():
        for work in (lambda: train(small(), reviews, run=tmp_path / "a"), lambda: prepare(small(), reviews)):
            with pytest.raises(RecipeError, match="inside another one"):
                work()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Exception, match="no unfinished training"):
        resume(tmp_path / "a")
    train(small(), reviews, run=tmp_path / "a")


def test_every_thread_gets_its_own_number_back():
    both_in, first_out = threading.Barrier(2), threading.Event()

    def use(number, is_first):
        torch.set_num_threads(number)
        with torch_threads(1):
            assert torch.get_num_threads() == 1
            both_in.wait(limit())
            assert is_first or first_out.wait(limit())
        own = torch.get_num_threads()
        first_out.set()
        return own

    assert in_threads(lambda: use(4, True), lambda: use(OUTSIDE, False)) == [4, OUTSIDE]
    torch.set_num_threads(OUTSIDE)


def test_blocks_of_other_numbers_wait_unless_a_training_runs():
    entered, leave = threading.Event(), threading.Event()

    def hold(is_training):
        with one_training() if is_training else threading.Lock(), torch_threads(2):
            entered.set()
            assert leave.wait(limit())

    for is_training in (False, True):
        entered.clear()
        leave.clear()
        holder = threading.Thread(target=hold, args=(is_training,))
        holder.start()
        assert entered.wait(limit())
        if not is_training:
            threading.Timer(POLL_SECONDS, leave.set).start()
        with torch_threads(1):
            assert torch.get_num_threads() == (OUTSIDE if is_training else 1)
            assert leave.is_set() != is_training
        leave.set()
        holder.join()


def test_seeded_blocks_of_threads_do_not_mix():
    def draw(seed):
        with seeded(seed, "x"):
            return [float(torch.rand(())) for _ in range(300)]

    assert in_threads(*[lambda seed=seed: draw(seed) for seed in range(6)]) == [draw(seed) for seed in range(6)]


def test_gradients_below_the_normal_numbers_are_0_in_training_and_prediction(small, reviews, tmp_path, monkeypatch):
    seen = {}

    def noted(name, function):
        def call(*arguments, **options):
            seen[name] = flushes_subnormal()
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(loop, "compute_gradients", noted("training", loop.compute_gradients))
        run = train(small(), reviews, run=tmp_path / "run")
        patched.setattr(evaluator, "module_scores", noted("prediction", evaluator.module_scores))
        run.predict(["good food"])
    assert seen == {"training": True, "prediction": True}
    assert not flushes_subnormal()


def test_a_program_that_takes_subnormal_numbers_for_0_goes_on_so():
    def work():
        if not torch.set_flush_denormal(True):
            pytest.skip("this processor cannot")
        with torch_threads(1):
            assert flushes_subnormal()
        return flushes_subnormal()

    assert in_thread(work)
    assert not flushes_subnormal()


def test_the_smallest_normal_number_is_kept():
    with torch_threads(1):
        assert torch.full((1,), 2e-38).mul(1.0).item() > 0
