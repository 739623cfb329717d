"""The training loop: the textbook's five steps, readable from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import torch
from attrs import field, frozen
from torch import Tensor, nn

from zoo_core.components.building.call import call_build, trainable_parameters
from zoo_core.components.protocols import StartReport
from zoo_core.errors import NumericalError, PluginError
from zoo_core.evaluation.evaluator import Evaluator, lower_is_better_key
from zoo_core.features.batches import Batch, EncodedSplit
from zoo_core.recipes.plan import Plan
from zoo_core.runs.resume_info import restart_hint
from zoo_core.seeds import seeded
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.checkpoint_state import begin_changes, capture_state, restore_state
from zoo_core.training.early_stopping import TrainingState, Weights, copy_weights
from zoo_core.training.events.model_changes import ModelChanges, Moment
from zoo_core.training.events.model_start import start_model
from zoo_core.training.events.run_events import NoEvents, RunEvents, signal_name
from zoo_core.training.forward_pass import ForwardPass
from zoo_core.training.rows.epochs import EpochBatches

NAN_HINT = "try a smaller learning rate (--set optimizer.lr=…) or --set training.clip=1.0"


def _no_step() -> None:
    """The step per batch of a scheduler that steps per epoch, or never."""


@frozen(eq=False)
class TrainingContext:
    """What a training needs beside the module: the plan, the data, and what is minimized and evaluated.

    `loss` is minimized; it may weigh the classes, which the evaluator's loss does not. `events` tells listeners of
    batches and epochs, `changes` lets plugins change the model, whose `start` gets the `feature_names`. Training
    resumes from the `checkpoint`, if it has a state, and updates it after each epoch.
    """

    plan: Plan
    train: EpochBatches
    val: EncodedSplit
    evaluator: Evaluator
    loss: nn.Module
    events: RunEvents | NoEvents = field(factory=NoEvents)
    changes: ModelChanges | None = None
    checkpoint: Checkpoint | None = None
    feature_names: Sequence[str] = ()
    forward: ForwardPass = field(factory=ForwardPass)


@frozen
class TrainingResult:
    """The best weights and their epoch, and the metrics of every finished epoch."""

    weights: Weights
    best_epoch: int
    history: tuple[dict[str, float], ...]
    max_epochs: int
    interrupted: str = ""  # the name of the signal
    start: StartReport = field(factory=dict)


def train_loop(module: nn.Module, context: TrainingContext) -> TrainingResult:
    """Train until the monitored validation metric has not improved for `patience` epochs.

    Raises NumericalError, with epoch and step, if a loss is NaN or infinite. An interrupt from the keyboard ends
    training and keeps the best weights so far.
    """
    plan, settings, checkpoint, changes = context.plan, context.plan.training, context.checkpoint, context.changes
    stored = checkpoint.load(sum(tensor.nbytes for tensor in module.state_dict().values())) if checkpoint else None
    start = start_model(context.train, module, context.feature_names) if stored is None else {}
    state = TrainingState(copy_weights(module), start=start)
    if changes is not None:
        begin_changes(changes, module, stored, hint=restart_hint(checkpoint.folder) if checkpoint else "")
    optimizer = call_build(plan.optimizer, **trainable_parameters(module, len(context.train.train)))
    steps = context.train.steps
    epochs = settings.epochs_of(steps)
    scheduler = call_build(plan.scheduler, optimizer=optimizer, epochs=epochs, steps_per_epoch=steps)
    lower_is_better = lower_is_better_key(settings.metrics, settings.monitor)
    after_batch = scheduler.step if plan.scheduler.interval == "batch" else _no_step
    interrupted = ""
    if checkpoint and stored is not None:
        restore_state(stored, module, optimizer, scheduler, state, changes, hint=restart_hint(checkpoint.folder))
    try:
        while not state.should_stop(epochs, settings.patience):
            epoch = len(state.history) + 1
            train_loss = train_epoch(module, optimizer, context, epoch, after_batch)
            _update_model(context, module, "epoch", epoch)
            metrics = {"train_loss": train_loss, **validate(module, context, epoch)}
            monitored = lower_is_better(metrics[f"val_{settings.monitor}"])
            is_best = state.update(metrics, monitored, module)
            _update_model(context, module, "evaluated", epoch)
            context.events.epoch_finished(optimizer, epoch, metrics, is_best)
            if plan.scheduler.interval == "epoch":
                scheduler.step(monitored) if plan.scheduler.needs_metric else scheduler.step()
            if checkpoint:
                checkpoint.save(lambda: capture_state(module, optimizer, scheduler, state, changes))
    except KeyboardInterrupt as stop:
        interrupted = signal_name(stop)
        if not state.best_epoch:
            state.best_weights = copy_weights(module)
    return TrainingResult(state.best_weights, state.best_epoch, tuple(state.history), epochs, interrupted, state.start)


def train_epoch(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    context: TrainingContext,
    epoch: int,
    after_batch: Callable[[], Any] = _no_step,
) -> float:
    """Train one pass over the training split; returns the mean loss over its batches."""
    settings, train = context.plan.training, context.train
    module.train()
    losses: list[Tensor] = []
    steps = train.steps
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    with seeded(settings.seed, "dropout", epoch):
        for batch in train.of_epoch(epoch):
            if context.plan.optimizer.needs_closure:
                gradients = partial(compute_gradients, module, context, parameters, batch)
                losses.append(step_with_closure(optimizer, gradients))
            else:
                loss, _ = compute_gradients(module, context, parameters, batch)  # 1. to 4.
                losses.append(loss)
                optimizer.step()  # 5. step
            after_batch()
            _update_model(context, module, "batch", epoch, len(losses))
            context.events.batch_finished(optimizer, losses[-1], epoch=epoch, step=len(losses), steps=steps)
    return mean_loss(losses, epoch)


def compute_gradients(
    module: nn.Module, context: TrainingContext, parameters: Sequence[nn.Parameter], batch: Batch
) -> tuple[Tensor, Tensor]:
    """Compute the gradients of a batch; returns its loss, and the loss with the L1 norm, both without a graph."""
    settings = context.plan.training
    for parameter in parameters:
        parameter.grad = None  # 1. zero the gradients
    scores = context.forward(module, batch)  # 2. compute the output: (batch, outputs)
    loss = context.loss(scores, batch.targets)  # 3. compute the loss
    total = loss + settings.l1 * l1_norm(module) if settings.l1 else loss
    total.backward()  # 4. backpropagate
    if settings.clip:
        nn.utils.clip_grad_norm_(parameters, settings.clip)
    return loss.detach(), total.detach()


def step_with_closure(optimizer: torch.optim.Optimizer, gradients: Callable[[], tuple[Tensor, Tensor]]) -> Tensor:
    """Take a step of an optimizer that computes the gradients itself, by a closure, as often as it needs them.

    Returns the loss that the closure computed first, with the parameters before the step.
    """
    losses: list[Tensor] = []

    @torch.enable_grad()
    def closure() -> Tensor:
        loss, total = gradients()
        losses.append(loss)
        return total

    optimizer.step(cast(Callable[[], float], closure))  # torch's own optimizers take a tensor, too
    if not losses:
        name = type(optimizer).__qualname__
        raise PluginError(f"the optimizer declares needs_closure, but step() of {name} does not call its closure")
    return losses[0]


def _update_model(context: TrainingContext, module: nn.Module, moment: Moment, epoch: int, step: int = 0) -> None:
    if context.changes is not None:
        context.changes.update(module, moment, epoch=epoch, step=step)


def validate(module: nn.Module, context: TrainingContext, epoch: int) -> dict[str, float]:
    """Compute the loss and metrics of the validation split; their names start with `val_`."""
    try:
        metrics = context.evaluator.evaluate(module, context.val)
    except NumericalError as error:
        raise NumericalError(f"on the validation split, {error} in epoch {epoch}", hint=NAN_HINT) from None
    return {f"val_{name}": value for name, value in metrics.items()}


def mean_loss(losses: list[Tensor], epoch: int) -> float:
    """The mean of an epoch's losses; read from the device once, so that no step waits for it."""
    values = torch.stack(losses)
    not_finite = torch.nonzero(~torch.isfinite(values))
    if len(not_finite):
        step = int(not_finite[0]) + 1
        value = float(values[step - 1])
        raise NumericalError(f"the loss became {value} in epoch {epoch}, step {step}", hint=NAN_HINT)
    return float(values.mean())


def l1_norm(module: nn.Module) -> Tensor:
    """The sum of the absolute values of every weight matrix; biases are excluded."""
    return sum((p.abs().sum() for p in module.parameters() if p.ndim > 1), torch.zeros(()))
