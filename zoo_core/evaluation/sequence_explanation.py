"""Attribution of the score of a sequence to its tokens, by the vectors that the model's embedding gives them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from zoo_core.components.head import Head
from zoo_core.evaluation.explanation import AttributionTask
from zoo_core.features.layouts import Sequence
from zoo_core.features.module_scores import module_scores

BATCH_TOKENS = 1 << 14  # of sets of tokens that are scored at once
STEPS = (64, 256)  # recurrent models may need many
MAX_EVALUATIONS = 400_000  # of tokens, by Shapley sampling
CURVE = 3.0  # many steps near 0, where normalization layers turn vectors without a length into ones of full length


def sequence_attribution_task(
    module: nn.Module,
    embedding: nn.Module,
    sequence: Sequence,
    head: Head,
    index: int,
    names: list[str],
    owners: list[tuple[str, ...]] | None = None,
) -> AttributionTask:
    """The score of class `index`, to attribute to the tokens of a text, which is the single row of `sequence`.

    The weight of a token is a factor of its vector, the output of `embedding` in `module`: a token that is left out is
    a vector of zeros, as padding is, and keeps its place. Of a text in windows, a token of two windows is one player
    for each, whose contributions to the mean of the scores are summed under its name.
    `owners` are the words of which each token is a piece.
    """
    tokens = len(sequence.ids)

    def score_of_weights(weights: Tensor) -> Tensor:
        with scaled_vectors(embedding, sequence, weights):
            return head.class_scores(module_scores(module, sequence))[0, index]

    def scores_of_sets(sets: Tensor) -> Tensor:
        scores = []
        for chunk in sets.split(max(1, BATCH_TOKENS // max(tokens, 1))):
            copies = sequence.take(torch.zeros(len(chunk), dtype=torch.int64))
            with scaled_vectors(embedding, copies, chunk.flatten().float()):
                scores.append(head.class_scores(module_scores(module, copies))[:, index])
        return torch.cat(scores)

    players = [names[id] for id in sequence.ids.tolist()]
    return AttributionTask(
        players,
        scores_of_sets,
        score_of_weights,
        torch.ones(tokens),
        owners,
        curve=CURVE,
        steps=STEPS,
        max_evaluations=MAX_EVALUATIONS,
    )


@contextmanager
def scaled_vectors(embedding: nn.Module, sequence: Sequence, weights: Tensor) -> Iterator[None]:
    """Inside the block, this thread's vectors of the tokens of `sequence` are multiplied by `weights` `(tokens,)`."""
    scale = _scale_by(sequence.offsets.diff(), weights)
    thread = threading.get_ident()

    def hook(layer: nn.Module, arguments: tuple[Tensor, ...], vectors: Tensor) -> Tensor | None:
        return scale(vectors) if threading.get_ident() == thread else None

    handle = embedding.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def _scale_by(lengths: Tensor, weights: Tensor) -> Callable[[Tensor], Tensor]:
    def scale(vectors: Tensor) -> Tensor:
        """Vectors `(sequences, length, dimensions)`; a length may be more than that of the longest sequence."""
        is_token = torch.arange(vectors.shape[1])[None, :] < lengths[:, None]
        factors = torch.zeros(is_token.shape, dtype=vectors.dtype).masked_scatter(is_token, weights.to(vectors.dtype))
        return vectors * factors[:, :, None]

    return scale
