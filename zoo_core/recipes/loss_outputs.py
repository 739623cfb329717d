"""The outputs of a model against the link of a loss and the classes, without torch and without data."""

from __future__ import annotations

from zoo_core.components.component import TargetType
from zoo_core.components.contracts import Loss
from zoo_core.messages import shorten

MAX_ERROR_CHARS = 200
UNKNOWN_CLASSES = (2, 3, 6)  # what is tried until the data is read


def find_output_problem(loss: Loss, classes: int, targets: TargetType = "single-label") -> str:
    """Why a model with the outputs of a loss has no probabilities of this many classes; "" if nothing is wrong.

    With multi-label targets a model has an output for each class, whatever the loss says.
    """
    if targets == "multi-label":
        return ""
    try:
        outputs = loss.outputs(classes)
    except Exception as error:
        return shorten(f"outputs({classes}) raised {type(error).__name__}: {error}", MAX_ERROR_CHARS)
    got = f"outputs({classes}) returned {outputs!r}"
    if isinstance(outputs, bool) or not isinstance(outputs, int) or outputs < 1:
        return f"{got}, expected a positive number"
    if loss.link == "own":
        return ""
    if loss.link == "sigmoid" and (outputs, classes) != (1, 2):
        return f"link sigmoid needs one output, for two classes: {got}"
    if loss.link == "softmax" and outputs != classes:
        return f"link softmax needs an output for each class: {got}"
    if outputs not in ((1, 2) if classes == 2 else (classes,)):
        return f"{got}, expected {'1 or 2' if classes == 2 else classes}"
    if loss.link == "identity" and outputs > 1 and loss.expects == "probabilities":
        return 'link identity with several outputs needs expects = "distribution": single probabilities do not sum to 1'
    if outputs == 1 and loss.expects == "distribution":
        return f"a distribution over one output is always 1: {got}"
    return ""
