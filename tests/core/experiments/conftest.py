"""A small recipe of the MLP, and swaps that run in a moment."""

from __future__ import annotations

import pytest

from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.results import summarize_swap
from zoo_core.experiments.swap_folder import open_swap_folder

BOOTSTRAP_SAMPLES = 200  # the default of 2000 takes a second per trial


@pytest.fixture
def mlp(small):
    return small("training.epochs=2", "model.hidden=[8]", name="yelp-mlp")


@pytest.fixture(scope="session")
def run_swap():
    """`run_swap(design, folder, metric=…)`: the records and the results of a swap."""

    def run(design, folder, **options):
        with open_swap_folder(design, str(folder)) as place:
            records = run_trials(design, place, on_record=lambda _record: None)
            return records, summarize_swap(design, place, records, bootstrap_samples=BOOTSTRAP_SAMPLES, **options)

    return run
