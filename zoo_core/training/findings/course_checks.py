"""Checks of the course of a training: epochs that were too few, and losses that did not fall."""

from __future__ import annotations

import math
from collections.abc import Iterator

from zoo_core.components.metric_names import metric_label
from zoo_core.data.findings import Finding, Severity
from zoo_core.evaluation.evaluator import lower_is_better_key
from zoo_core.messages import suggest_command
from zoo_core.training.findings.record import TrainingRecord

LAST_SHARE = 0.1  # of the epochs: the last ones, whose gain tells whether more epochs are worth it
SLOW_GAIN = 0.05  # of the gain of all epochs: less in the last ones is little
NOISE_ERRORS = 2  # standard errors of a share of the validation rows: a smaller gain may be chance
RISEN = 1.1  # times the first training loss
EXPLODED = 2.0  # times the log-loss of equal probabilities
SMALLEST = 1e-100  # probability in a log-loss


def check_epochs(record: TrainingRecord) -> Iterator[Finding]:
    """The last allowed epoch was the best one, by more than chance: more of them may be better."""
    result, training = record.result, record.plan.training
    epochs = len(result.history)
    if result.interrupted or not epochs or result.best_epoch != epochs or epochs < record.max_epochs:
        return
    hint = suggest_command("--set", record.longer_training())
    if epochs == 1:
        yield Finding("last-epoch-best", "the model was trained for 1 epoch only", hint=hint)
        return
    key = f"val_{training.monitor}"
    values = [metrics[key] for metrics in result.history]
    last = max(1, round(LAST_SHARE * epochs))
    cost = lower_is_better_key(training.metrics, training.monitor)
    gain, all_gain = (cost(values[start]) - cost(values[-1]) for start in (-1 - last, 0))
    if gain <= _noise(record, values[-1]):
        return
    severity: Severity = "note" if gain < SLOW_GAIN * all_gain else "warning"
    came = f"{key} went from {values[-1 - last]:.4f} to {values[-1]:.4f}"
    since = f"in the last {last} of {epochs} epochs" if last > 1 else f"in the last of {epochs} epochs"
    yield Finding("last-epoch-best", f"the last epoch was the best: {came} {since}", severity, hint)


def check_losses(record: TrainingRecord) -> Iterator[Finding]:
    """The training loss rose, or no epoch was better than the first one: by more than chance, or since none learned."""
    result = record.result
    losses = [metrics["train_loss"] for metrics in result.history]
    if len(losses) < 2:
        return
    rate = getattr(record.plan.optimizer, "lr", None)
    slower = f"optimizer.lr={rate / 10:g}" if isinstance(rate, float) and rate > 0 else "training.clip=1.0"
    hint = suggest_command("--set", slower)
    if losses[-1] > RISEN * losses[0]:
        message = f"the training loss rose from {losses[0]:.4f} to {losses[-1]:.4f}"
        yield Finding("loss-rose", message, hint=hint)
    elif (loss := exploded_loss(record)) is not None:
        equal = _equal_loss(record)
        message = (
            f"the loss exploded: the log-loss on {record.evaluated} is {loss:.4f}, of equal probabilities {equal:.4f}"
        )
        yield Finding("loss-exploded", message, hint=hint)
    elif result.best_epoch == 1 and not result.interrupted and not _is_perfect(record):
        has_learned = losses[-1] < losses[0]
        if has_learned and _loss_since_first(record) <= 0:
            return
        message = f"no epoch was better than the first of {len(losses)}, by {record.plan.training.monitor} on val"
        severity: Severity = "note" if has_learned else "warning"
        yield Finding("first-epoch-best", message, severity, hint)


def exploded_loss(record: TrainingRecord) -> float | None:
    """The log-loss of the evaluated split if it is far above that of equal probabilities, else None."""
    if not (record.head.has_probabilities and len(record.targets)):
        return None
    probabilities = record.head.probabilities(record.scores.double())
    of_targets = record.head.form.right_probabilities(probabilities, record.targets).clamp(min=SMALLEST)
    loss = float(-of_targets.log().mean())
    return loss if loss > EXPLODED * _equal_loss(record) else None


def _equal_loss(record: TrainingRecord) -> float:
    """The log-loss of equal probabilities."""
    return math.log(record.head.form.num_answers(len(record.head.classes)))


def _is_perfect(record: TrainingRecord) -> bool:
    """Whether the monitored metric had its best possible value in the first epoch."""
    cost = lower_is_better_key(record.plan.training.metrics, record.plan.training.monitor)
    first = record.result.history[0][f"val_{record.plan.training.monitor}"]
    return cost(first) == min(map(cost, _range(record)))


def _loss_since_first(record: TrainingRecord) -> float:
    """By how much, beyond chance, the best of the other epochs is worse than the first, in the monitored metric."""
    training, key = record.plan.training, f"val_{record.plan.training.monitor}"
    cost = lower_is_better_key(training.metrics, training.monitor)
    first, *others = (metrics[key] for metrics in record.result.history)
    return min(map(cost, others)) - cost(first) - _noise(record, first)


def _noise(record: TrainingRecord, value: float) -> float:
    """The largest difference in the monitored metric that may be chance; 0 of one without a range of 0 to 1."""
    if _range(record) != (0.0, 1.0):
        return 0.0
    return NOISE_ERRORS * math.sqrt(value * (1 - value) / record.rows["val"])


def _range(record: TrainingRecord) -> tuple[float, ...]:
    """The lowest and the highest value of the monitored metric; infinite ones of the loss."""
    training = record.plan.training
    ranges = {metric_label(metric): metric.range for metric in training.metrics}
    return ranges.get(training.monitor, (-math.inf, math.inf))
