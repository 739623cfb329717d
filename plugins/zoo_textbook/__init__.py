"""Components of the textbook (Rao & McMahan, *Natural Language Processing with PyTorch*, chapters 1 to 4)."""

from __future__ import annotations

from zoo_core import hookimpl
from zoo_core.components import contracts
from zoo_textbook.activations import Identity, PReLU, ReLU, Sigmoid, Softmax, Tanh
from zoo_textbook.adaptive_optimizers import Adadelta, Adagrad, AdamW, RMSprop
from zoo_textbook.decay_schedulers import Cosine, Exponential, LinearWarmup, OneCycle, StepDecay
from zoo_textbook.losses import BCE, MSE, BCEWithLogits, CrossEntropy, FocalLoss, Hinge, Huber
from zoo_textbook.metrics.label_metrics import F1, Accuracy, LogLoss, Matthews, Precision, Recall
from zoo_textbook.metrics.probability_metrics import AveragePrecision, Brier, ExpectedCalibrationError, RocAUC
from zoo_textbook.models import MLP, Perceptron
from zoo_textbook.more_activations import ELU, GELU, SELU, HardTanh, LeakyReLU, LogSoftmax, Mish, SiLU, Softplus
from zoo_textbook.optimizers import SGD, Adam
from zoo_textbook.readers import CSV, TSV, Lines
from zoo_textbook.rows.augmenters import NoAugmentation, WordDropout, WordSwap
from zoo_textbook.rows.samplers import Balanced, Sequential, Shuffled
from zoo_textbook.rows.splitters import ByGroup, ByTime, Stratified
from zoo_textbook.schedulers import NoSchedule, ReduceOnPlateau
from zoo_textbook.tasks.columns import Columns
from zoo_textbook.tasks.surnames import Surnames
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_textbook.tokenizers import Spaces
from zoo_textbook.vectorizers import Count, DenseColumns, OneHot, TfIdf


@hookimpl
def zoo_activations() -> list[type[contracts.Activation]]:
    from_textbook = [Identity, Sigmoid, Tanh, ReLU, PReLU, Softmax]
    return [*from_textbook, LeakyReLU, ELU, SELU, GELU, SiLU, Softplus, Mish, HardTanh, LogSoftmax]


@hookimpl
def zoo_losses() -> list[type[contracts.Loss]]:
    return [MSE, CrossEntropy, BCE, BCEWithLogits, Hinge, FocalLoss, Huber]


@hookimpl
def zoo_models() -> list[type[contracts.Model]]:
    return [Perceptron, MLP]


@hookimpl
def zoo_tokenizers() -> list[type[contracts.Tokenizer]]:
    return [Spaces]


@hookimpl
def zoo_vectorizers() -> list[type[contracts.Vectorizer]]:
    return [OneHot, Count, TfIdf, DenseColumns]


@hookimpl
def zoo_optimizers() -> list[type[contracts.Optimizer]]:
    return [SGD, Adam, AdamW, Adagrad, RMSprop, Adadelta]


@hookimpl
def zoo_schedulers() -> list[type[contracts.Scheduler]]:
    return [NoSchedule, ReduceOnPlateau, StepDecay, Exponential, Cosine, OneCycle, LinearWarmup]


@hookimpl
def zoo_metrics() -> list[type[contracts.Metric]]:
    from_labels = [Accuracy, Precision, Recall, F1, Matthews]
    return [*from_labels, RocAUC, AveragePrecision, LogLoss, Brier, ExpectedCalibrationError]


@hookimpl
def zoo_tasks() -> list[type[contracts.Task]]:
    return [TextClassification, Columns, Surnames]


@hookimpl
def zoo_readers() -> list[type[contracts.Reader]]:
    return [CSV, TSV, Lines]


@hookimpl
def zoo_splitters() -> list[type[contracts.Splitter]]:
    return [Stratified, ByTime, ByGroup]


@hookimpl
def zoo_samplers() -> list[type[contracts.Sampler]]:
    return [Shuffled, Sequential, Balanced]


@hookimpl
def zoo_augmenters() -> list[type[contracts.Augmenter]]:
    return [NoAugmentation, WordDropout, WordSwap]
