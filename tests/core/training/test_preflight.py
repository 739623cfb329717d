"""Components that break their contract: reported by name before the first batch, and no run folder is left."""

from __future__ import annotations

import math
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace

import pytest
import torch
from attrs import evolve, frozen
from torch import nn

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl
from zoo_core.components.kinds import kind_of
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import NumericalError, PluginError
from zoo_core.features.layouts import Dense
from zoo_core.hookspecs import EVENT_HOOKS
from zoo_core.training.pipeline import train
from zoo_textbook.losses import BCEWithLogits, CrossEntropy
from zoo_textbook.metrics.label_metrics import Accuracy
from zoo_textbook.models import Perceptron
from zoo_textbook.optimizers import Adam
from zoo_textbook.schedulers import NoSchedule
from zoo_textbook.vectorizers import OneHot
from zoo_yelp.tasks import Yelp


def part(base, **members):
    """A component that is like another, but for these members."""
    own = {"__doc__": "A component that breaks its contract.", "__module__": __name__, "name": "faulty"}
    return frozen(type("Faulty", (base,), {**own, **members}))


def giving(value):
    return lambda *_args, **_settings: value


def raising(*_args, **_settings):
    raise RuntimeError("out of order")


def changed(base, method, change):
    """A component with one method whose result is changed by `change`."""
    return part(base, **{method: lambda self, *args: change(getattr(base, method)(self, *args))})


class Changed(nn.Module):
    """The same for a module; or it raises, once it was called so often."""

    def __init__(self, own, change, lasts=math.inf):
        super().__init__()
        self.own, self.change, self.lasts = own, change, lasts

    def forward(self, *given):
        self.lasts -= 1
        return raising() if self.lasts < 0 else self.change(self.own(*given))


def model(*change):
    own = Perceptron.build
    return part(
        Perceptron,
        build=lambda self, num_features, num_outputs: Changed(
            own(self, num_features=num_features, num_outputs=num_outputs), *change
        ),
    )


def loss(*change):
    return part(
        BCEWithLogits,
        build=lambda self, class_weights: Changed(BCEWithLogits.build(self, class_weights=class_weights), *change),
    )


def metric(value, **methods):
    return part(
        Accuracy, build=giving(SimpleNamespace(**{"update": giving(None), "compute": giving(value), **methods}))
    )


def encoder(**changes):
    """A vectorizer one of whose encoder's methods gives what `change` makes of the right answer."""
    [(name, change)] = changes.items()

    def fit(self, tokens, labels):
        own = OneHot.fit(self, tokens, labels)
        methods = {method: getattr(own, method) for method in ("transform", "feature_names", "state")}
        methods[name] = lambda *args: change(getattr(own, name)(*args))
        return SimpleNamespace(num_features=own.num_features, **methods)

    return part(OneHot, fit=fit)


def state(value, name="more"):
    return encoder(state=lambda own: {**own, name: value})


BROKEN = {  # the expected message → the component
    "model|build() returned NoneType, expected a torch module": part(Perceptron, build=giving(None)),
    "model|float32 (2,), expected floats of shape (2, 1)": model(lambda scores: scores.squeeze(1)),
    "model|float32 (1, 1), expected floats of shape (2, 1)": model(lambda scores: scores[1:]),
    "model|int64 (2, 1), expected floats": model(lambda scores: scores.long()),
    "model|its scores are tuple": model(lambda scores: (scores, scores)),
    "loss|build() returned NoneType, expected a torch module": part(BCEWithLogits, build=giving(None)),
    "loss|the loss is torch.float32 (3,), expected a scalar": loss(lambda scalar: scalar.repeat(3)),
    "loss|the loss is float, expected a scalar": loss(float),
    "loss|outputs(2) returned 3, expected 1 or 2": part(CrossEntropy, link="none", outputs=giving(3)),
    "loss|needs one output, for two classes: outputs(2) returned 2": part(BCEWithLogits, outputs=giving(2)),
    "optimizer|build() returned NoneType, expected a torch optimizer": part(Adam, build=giving(None)),
    "scheduler|build() returned NoneType, which has no step()": part(NoSchedule, build=giving(None)),
    "metric|compute() returned str, expected a number": metric("high"),
    "metric|compute() returned Tensor, expected a number": metric(torch.ones(2)),
    "vectorizer|state()['more'] is dict, which cannot be stored": state({"a": 1}),
    "vectorizer|state()['more'] is list, which": state(["a", 1]),
    "vectorizer|state()['more'] is bool, which": state(True),
    "vectorizer|state() returned list, expected a dict": encoder(state=list),
    "vectorizer|returned 83 rows for 84 texts": encoder(transform=lambda bag: bag.slice(1, len(bag))),
    "vectorizer|its features are Dense, expected layout bag": encoder(transform=lambda bag: Dense(bag.to_dense())),
    "vectorizer|but its features have a width of": encoder(transform=lambda bag: evolve(bag, width=bag.width + 1)),
    "vectorizer|tokenize() did not give a list of strings": changed(OneHot, "tokenize", lambda lists: lists[1:]),
    "vectorizer|tokenize() did not give a list": changed(OneHot, "tokenize", lambda lists: lists.list.join(" ")),
    "task|normalize() did not give a string for each text": changed(Yelp, "normalize", lambda texts: texts[1:]),
    "task|read() gave 119 labels for": changed(Yelp, "read", lambda found: evolve(found, labels=found.labels[1:])),
    "task|for a table of 120 rows of which 1 are dropped": changed(
        Yelp, "read", lambda found: evolve(found, dropped={"dull": 1})
    ),
}
RAISES = [model(raising), loss(raising), metric(0.0, compute=raising), encoder(transform=raising)]
RAISES += [part(base, build=raising) for base in (Perceptron, BCEWithLogits, Adam, NoSchedule, Accuracy)]
RAISES += [part(base, **{name: raising}) for base, name in ((OneHot, "fit"), (OneHot, "tokenize"), (Yelp, "read"))]
LATER = [model(abs, 10), loss(abs, 10)]  # in the second epoch
STEP = SimpleNamespace(step=lambda: None)
UNUSABLE = {  # not even of the right kind, or not to be called as the contract says
    "scores without gradient": model(lambda scores: scores.detach()),
    "loss without gradient": loss(lambda scalar: scalar.detach()),
    "step without a metric": part(NoSchedule, interval="epoch", needs_metric=True, build=giving(STEP)),
    "no measure": part(Accuracy, build=giving(None)),
    "update without targets": metric(1.0, update=lambda predicted: None),
    "no encoder": part(OneHot, fit=giving(None)),
    "no tokens": part(OneHot, tokenize=giving(None)),
    "an end of its own, on another thread": part(OneHot, tokenize=lambda *_: next(iter(()))),
    "ids beyond the width": encoder(transform=lambda bag: evolve(bag, ids=bag.ids + bag.width)),
    "state of NaN": state(math.nan),
    "state that is not UTF-8": state("\ud800"),
    "state under a number": state("a", name=1),
    "no examples": part(Yelp, read=giving(None)),
    "no plain texts": part(Yelp, normalize=giving(None)),
}
NUMBERLESS = {
    "on the validation split, faulty became nan in epoch 1": metric(math.nan),
    "the loss became nan in epoch 1, step 1": model(lambda scores: scores * math.nan),
    "the loss became inf in epoch 1, step 1": loss(lambda scalar: scalar * math.inf),
}


@pytest.fixture
def ended(small, reviews, tmp_path):
    """`ended(part, error)`: the message of the error that ends a run with this component, and the events before it."""

    def run(cls, error=PluginError):
        kind, faulty, told = kind_of(cls), ModuleType("faulty"), set()
        setattr(faulty, kind.hook, hookimpl(lambda: [cls]))
        for moment in EVENT_HOOKS:
            setattr(faulty, moment, hookimpl(lambda moment=moment: told.add(moment)))
        zoo = open_zoo(
            plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "faulty": faulty}
        )
        assert zoo.plugins.unavailable == []
        slot = "training.metrics=['faulty']" if kind.name == "metric" else f"{kind.name}=faulty"
        with pytest.raises(error) if error else nullcontext() as caught:
            train(small(slot, "vectorizer.cutoff=0", zoo=zoo), reviews, run=tmp_path / "deep" / "run")
        assert bool(list(tmp_path.iterdir())) is (error is None)
        return str(caught.value) if caught else "", told

    return run


@pytest.mark.parametrize("fault", BROKEN)
def test_reports_a_broken_contract(ended, fault):
    kind, _, what = fault.partition("|")
    said, told = ended(BROKEN[fault])
    assert f'{kind} "faulty" of faulty breaks its contract: ' in said
    assert what in said
    assert told == set()


@pytest.mark.parametrize("cls", [*RAISES, *LATER])
def test_reports_a_component_that_raises(ended, cls):
    said, told = ended(cls)
    assert 'plugin "faulty" (faulty) raised RuntimeError: out of order' in said
    assert told == (set(EVENT_HOOKS) - {"zoo_run_finished", "zoo_run_interrupted"} if cls in LATER else set())


@pytest.mark.parametrize("fault", UNUSABLE)
def test_reports_an_unusable_component(ended, fault):
    said, _ = ended(UNUSABLE[fault])
    assert "faulty" in said
    assert "textbook" not in said


@pytest.mark.parametrize("said", NUMBERLESS)
def test_reports_values_that_are_not_finite(ended, said):
    assert said in ended(NUMBERLESS[said], NumericalError)[0]


@pytest.mark.parametrize("base", [Perceptron, BCEWithLogits, Adam, NoSchedule, Accuracy, OneHot, Yelp])
def test_a_component_with_another_name_is_accepted(ended, base):
    assert ended(part(base), None) == ("", set(EVENT_HOOKS) - {"zoo_run_failed", "zoo_run_interrupted"})
