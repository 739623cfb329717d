"""The training loop: the textbook's five steps, readable top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.errors import NumericalError, Terminated
from zoo_core.evaluation.evaluator import Evaluator, lower_is_better_key
from zoo_core.features.batches import EncodedSplit
from zoo_core.recipes.plan import Plan, Training
from zoo_core.seeds import seeded
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.state import TrainingState, Weights, capture_state, copy_weights, restore_state

NAN_HINT = "a smaller learning rate (--set optimizer.lr=…) or --set training.clip=1.0 often helps"


@frozen
class TrainingResult:
    """What training came to. `history` holds the figures of each finished epoch."""

    weights: Weights
    best_epoch: int
    history: tuple[dict[str, float], ...]
    interrupted: str = ""  # the name of the signal


def train_loop(
    module: nn.Module,
    plan: Plan,
    judge: Evaluator,
    train: EncodedSplit,
    val: EncodedSplit,
    tell: Callable[..., None] = lambda _hook, **_moment: None,
    checkpoint: Checkpoint | None = None,
    loss: nn.Module | None = None,
) -> TrainingResult:
    """Train until the monitored validation figure has not improved for `patience` epochs.

    `loss` is what training makes small, where that is not the judge's: one that weighs the classes.
    With a checkpoint, from where that stands, and kept there after each epoch.

    Raises NumericalError, with epoch and step, when a loss is NaN or infinite. An interrupt from the
    keyboard ends training and keeps the best weights so far.
    """
    loop = plan.training
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = plan.optimizer.build(parameters)
    steps = train.steps(loop.batch_size)
    scheduler = plan.scheduler.build(optimizer, epochs=loop.epochs, steps_per_epoch=steps)
    lower = lower_is_better_key(loop.metrics, loop.monitor)
    progress = TrainingState(copy_weights(module))
    interrupted = ""
    kept = checkpoint.load() if checkpoint else None
    if kept is not None:
        restore_state(kept, module, optimizer, scheduler, progress)
    try:
        while not progress.should_stop(loop.epochs, loop.patience):
            epoch = len(progress.history) + 1
            each_step = scheduler.step if plan.scheduler.interval == "batch" else _nothing
            train_loss = train_epoch(module, loss or judge.loss, optimizer, train, loop, epoch, each_step, tell)
            figures = {"train_loss": train_loss, **validate(judge, module, val, epoch)}
            figure = lower(figures[f"val_{loop.monitor}"])
            best = progress.update(figures, figure, module)
            tell("zoo_epoch_finished", epoch=epoch, metrics=dict(figures), best=best)
            if plan.scheduler.interval == "epoch":
                scheduler.step(figure) if plan.scheduler.needs_metric else scheduler.step()
            if checkpoint:
                checkpoint.save(lambda: capture_state(module, optimizer, scheduler, progress))
    except KeyboardInterrupt as stop:
        interrupted = "SIGTERM" if isinstance(stop, Terminated) else "SIGINT"
        if not progress.best_epoch:
            progress.best_weights = copy_weights(module)
    return TrainingResult(progress.best_weights, progress.best_epoch, tuple(progress.history), interrupted)


def train_epoch(
    module: nn.Module,
    loss_function: nn.Module,
    optimizer: torch.optim.Optimizer,
    train: EncodedSplit,
    loop: Training,
    epoch: int,
    each_step: Callable[[], Any],
    tell: Callable[..., None],
) -> float:
    """One pass over the training split; the mean loss over its batches."""
    module.train()
    losses: list[Tensor] = []
    steps = train.steps(loop.batch_size)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    with seeded(loop.seed, "dropout", epoch):
        for batch in train.batches(batch_size=loop.batch_size, epoch=epoch, seed=loop.seed):
            for parameter in parameters:
                parameter.grad = None  # 1. zero the gradients
            scores = module(batch.features)  # 2. compute the output: (batch, outputs)
            loss = loss_function(scores, batch.targets)  # 3. compute the loss
            losses.append(loss.detach())
            if loop.l1:
                loss = loss + loop.l1 * l1_norm(module)
            loss.backward()  # 4. backpropagate
            if loop.clip:
                nn.utils.clip_grad_norm_(parameters, loop.clip)
            optimizer.step()  # 5. step
            each_step()
            tell("zoo_batch_finished", epoch=epoch, step=len(losses), steps=steps)
    return mean_loss(losses, epoch)


def validate(judge: Evaluator, module: nn.Module, val: EncodedSplit, epoch: int) -> dict[str, float]:
    """The figures of the validation split, their names beginning with `val_`."""
    try:
        return {f"val_{name}": value for name, value in judge.evaluate(module, val).items()}
    except NumericalError as error:
        raise NumericalError(f"on the validation split, {error} in epoch {epoch}", hint=NAN_HINT) from None


def mean_loss(losses: list[Tensor], epoch: int) -> float:
    """The mean of an epoch's losses; read once, so that no step waits for the device."""
    values = torch.stack(losses)
    bad = torch.nonzero(~torch.isfinite(values))
    if len(bad):
        step = int(bad[0]) + 1
        raise NumericalError(
            f"the loss became {float(values[step - 1])} in epoch {epoch}, step {step}",
            hint=NAN_HINT,
        )
    return float(values.mean())


def l1_norm(module: nn.Module) -> Tensor:
    """The sum of the absolute values of every weight matrix; biases are left alone."""
    return sum((p.abs().sum() for p in module.parameters() if p.ndim > 1), torch.zeros(()))


def _nothing() -> None:
    """The step of a schedule that does not move with batches."""
