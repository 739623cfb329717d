"""The file of validation scores in a run folder: written at the end of training, read without trust."""

from __future__ import annotations

from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from zoo_core.components.component import TargetType
from zoo_core.components.head import Head
from zoo_core.errors import RunFolderError
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.seeds import make_generator

VALIDATION_FILE = "validation.safetensors"
SPLIT = "val"
SCORES, TARGETS = "scores", "targets"
MAX_ROWS = 50_000
MAX_VALUES = 10_000_000  # of the scores and of the targets each, 40 MB, with thousands of classes
LARGEST = torch.finfo(torch.float32).max  # in place of infinity, with which a probability may still be 1


def max_rows(width: int) -> int:
    """The most rows that are stored, for scores or soft targets of so many columns."""
    return max(1, min(MAX_ROWS, MAX_VALUES // width))


def stored_rows(
    scores: Tensor, targets: Tensor, source: str, seed: int, target_type: TargetType = "single-label"
) -> ScoredSplit:
    """The validation rows that a run stores, in order: all of them, or a seeded sample if they are too many.

    `scores` are `(rows, outputs)`, `targets` class indices `(rows,)` or probabilities `(rows, classes)`,
    or of multi-label targets 0 and 1 `(rows, classes)`.
    """
    most = max_rows(max(scores.shape[1], targets.shape[1] if targets.ndim == 2 else 1))
    scores, targets = scores.detach().cpu().float().clamp(-LARGEST, LARGEST), targets.detach().cpu()
    if len(scores) > most:
        sample = (
            torch.randperm(len(scores), generator=make_generator(seed, "validation", "sample"))[:most].sort().values
        )
        scores, targets = scores[sample], targets[sample]
    targets = targets.float() if targets.ndim == 2 else targets.long()
    return ScoredSplit(scores, targets, source, SPLIT, target_type=target_type)


def to_bytes(stored: ScoredSplit) -> bytes:
    """The content of the file: the scores as float32, class indices as int32 or soft targets as float32."""
    targets = stored.loss_targets
    tensors = {SCORES: stored.scores, TARGETS: targets if targets.ndim == 2 else targets.int()}
    return safetensors.torch.save({name: tensor.contiguous() for name, tensor in tensors.items()})


def parse_stored_rows(data: bytes, path: Path, head: Head, source: str) -> ScoredSplit:
    """Parse the file. Raises RunFolderError for anything but finite scores and targets of the classes of this head."""
    try:
        tensors = safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise RunFolderError(f"not a safetensors file: {error}", where=str(path)) from None
    if problem := _find_problem(tensors, head):
        raise RunFolderError(f"invalid validation scores: {problem}", where=str(path))
    targets = tensors[TARGETS]
    targets = targets if targets.ndim == 2 else targets.long()
    return ScoredSplit(tensors[SCORES], targets, source, SPLIT, target_type=head.targets)


def _find_problem(tensors: dict[str, Tensor], head: Head) -> str:
    """What is wrong with the content of a file; "" if nothing is."""
    if set(tensors) != {SCORES, TARGETS}:
        return f"expected the tensors {SCORES} and {TARGETS}"
    scores, targets = tensors[SCORES], tensors[TARGETS]
    rows, classes = len(scores) if scores.ndim else 0, len(head.classes)
    if problem := _shape_problem(SCORES, scores, torch.float32, (rows, head.outputs)):
        return problem
    if not 1 <= rows <= max_rows(head.outputs):
        return f"got {rows:,} rows, expected 1 to {max_rows(head.outputs):,}"
    if not torch.isfinite(scores).all():
        return "the scores have NaN or infinite values"
    if targets.ndim != 2 and head.targets == "single-label":
        problem = _shape_problem(TARGETS, targets, torch.int32, (rows,))
        is_valid = not problem and int(targets.min()) >= 0 and int(targets.max()) < classes
        return problem or ("" if is_valid else f"the targets are not indices of {classes} classes")
    if problem := _shape_problem(TARGETS, targets, torch.float32, (rows, classes)):
        return problem
    return head.form.matrix_problem(targets)


def _shape_problem(name: str, tensor: Tensor, dtype: torch.dtype, shape: tuple[int, ...]) -> str:
    if (tensor.dtype, tuple(tensor.shape)) == (dtype, shape):
        return ""
    return f'the tensor "{name}": got {tensor.dtype} {tuple(tensor.shape)}, expected {dtype} {shape}'
