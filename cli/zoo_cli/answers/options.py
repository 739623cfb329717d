"""The options of abstaining and of prediction sets."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from zoo_cli.output import print_note, print_warning
from zoo_cli.typed.numbers import SHARE, NumberRange

if TYPE_CHECKING:
    from zoo_core.runs.run import Run
    from zoo_core.runs.validation.answer_rules import AnswerOptions, AnswerRules

Command = TypeVar("Command", bound=Callable[..., Any])
ABSTAIN = click.option(
    "--abstain-below",
    type=NumberRange(0, 1, min_open=True),
    metavar="P",
    help="Give no label to a text whose predicted label has a probability less than P.",
)
ACCURACY = click.option(
    "--accuracy",
    type=SHARE,
    metavar="SHARE",
    help="Give no label to texts of low probability, so that those with one have at least this accuracy, as in 0.95.",
)
COVERAGE = click.option(
    "--coverage",
    type=SHARE,
    metavar="SHARE",
    help="Also give each text a set of labels; this share of the sets contains the true label, as in 0.9.",
)
BY_CLASS = click.option("--by-class", is_flag=True, help="With --coverage: so in each class, not only on average.")


def answer_options(command: Command) -> Command:
    """Add the options of answers, as the parameter `answers`; `--by-class` is the one that the command has."""

    @wraps(command)
    def call(
        *args: Any, abstain_below: float | None, accuracy: float | None, coverage: float | None, **others: Any
    ) -> Any:
        from zoo_core.runs.validation.answer_rules import AnswerOptions

        if abstain_below is not None and accuracy is not None:
            raise click.UsageError("use only one of --abstain-below and --accuracy")
        is_by_class = bool(others.get("by_class")) and coverage is not None
        return command(*args, answers=AnswerOptions(abstain_below, accuracy, coverage, is_by_class), **others)

    return cast("Command", ABSTAIN(ACCURACY(COVERAGE(call))))


def rules_of(run: Run, answers: AnswerOptions) -> AnswerRules:
    """The rules of a run for these options; how they were chosen is printed as a note."""
    from zoo_core.runs.validation.answer_rules import find_answer_rules

    rules = find_answer_rules(run.head, run.stored_validation, answers, run.folder)
    if note := rules.describe_choice():
        print_note(note)
    if warning := rules.describe_unbounded():
        print_warning(warning)
    return rules
