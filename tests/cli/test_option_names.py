"""The same names of options in every command, and old names that say the new one."""

from __future__ import annotations

import click
import pytest

from zoo_cli.main import zoo as root
from zoo_cli.typed.numbers import IntegerRange, NumberRange
from zoo_cli.usage_errors import RENAMED_OPTIONS


def walk(command: click.Command, path: tuple[str, ...] = ()):
    """Every command of the tree, with its name."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*path, name))


COMMANDS = {" ".join(path): command for path, command in walk(root)}
RECIPE_COMMANDS = [name for name, command in COMMANDS.items() if any(p.name == "lr" for p in command.params)]


def options(command: click.Command) -> dict[str, tuple[str, ...]]:
    return {str(one.name): (*one.opts, *one.secondary_opts) for one in command.params if isinstance(one, click.Option)}


@pytest.mark.parametrize("renamed", RENAMED_OPTIONS, ids=lambda renamed: f"{renamed.command} {renamed.old}")
def test_renamed_option_names_an_existing_one(zoo, refused, renamed):
    names = [name for opts in options(COMMANDS[renamed.command]).values() for name in opts]
    assert renamed.new in names and renamed.old not in names
    refused(
        zoo(*renamed.command.split(), "x", renamed.old, "y"), 2, f"{renamed.old} (hint: it is now called {renamed.new})"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_names_are_the_same_everywhere(name):
    found = {one for opts in options(COMMANDS[name]).values() for one in opts}
    assert not found & {"--input", "--in", "--out", "--dir", "--file", "--overwrite", "--yes-overwrite"}
    assert ("-o" in found) == ("--output" in found)
    if "--run" in found:
        assert {"-o", "--output"} <= found
    if "--text" in found:
        assert {"--label", "--split", "--reader"} <= found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_json_and_refuses_to_overwrite(name):
    if isinstance(COMMANDS[name], click.Group):
        return
    found = {one for opts in options(COMMANDS[name]).values() for one in opts}
    assert "--json" in found
    assert ("--force" in found) == ("-o" in found and "--run" not in found) or name in ("recipe new",)


NO_NUMBERS = ("x", "", " ", "nan", "-inf", "1e999", "0x10", "9" * 5000, "1,5")


@pytest.mark.parametrize("name", COMMANDS)
def test_numeric_option_says_which_numbers_it_takes(name):
    for one in COMMANDS[name].params:
        assert one.type not in (click.INT, click.FLOAT), one.name
        if not isinstance(one.type, click.IntRange | click.FloatRange):
            continue
        assert isinstance(one.type, IntegerRange | NumberRange), one.name
        outside = [one.type.min - 1] if one.type.min is not None else []
        for value in (*NO_NUMBERS, *map(str, outside)):
            with pytest.raises(click.BadParameter, match=r"expected a (whole )?number") as error:
                one.type.convert(value, one, None)
            assert len(str(error.value)) < 250


@pytest.mark.parametrize("name", COMMANDS)
def test_short_help(zoo, name):
    answer = zoo(*name.split(), "-h")
    assert answer.code == 0 and answer.out.startswith("Usage: zoo")


def test_commands_that_take_a_recipe_take_its_options():
    assert {"train", "swap", "recipe show", "recipe check", "recipe lock", "recipe new"} <= set(RECIPE_COMMANDS)
    for name in RECIPE_COMMANDS:
        assert {"model", "task", "settings", "epochs", "lr", "seed", "device"} <= options(COMMANDS[name]).keys()


def test_gpu_means_cuda(zoo):
    values = [zoo("recipe", "show", "yelp-mlp", *given, "--json").json["training"]["device"] for given in DEVICES]
    assert values == ["cuda", "cuda", "cpu", "auto"]


DEVICES = [("--device", "gpu"), ("--set", "training.device=gpu"), ("--device", "cpu"), ()]


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        (("--set", "training.seed=1", "--seed", "2"), "training.seed", "2"),
        (("--seed", "2", "--set", "training.seed=1"), "training.seed", "1"),
        (("--set", "training.seed=5", "--seed=2", "--set=training.seed=1", "--seed", "3"), "training.seed", "3"),
        (("--set", "optimizer.lr=5", "--lr", "2", "--set", "optimizer.lr=1"), "optimizer.lr", "1.0"),
        (("--model", "mlp", "--set", "model=perceptron"), "model", '"perceptron"'),
        (("--set", "model=perceptron", "--model", "mlp", "--epochs", "1"), "model", '"mlp"'),
    ],
)
def test_assignment_that_was_typed_last_wins(zoo, given, key, value):
    answer = zoo("recipe", "why", "yelp-perceptron", key, *given)
    in_effect = [line.split("\t")[0] for line in answer.out.splitlines() if line.endswith("in effect")]
    assert (answer.code, in_effect) == (0, [value])


@pytest.mark.parametrize("given", [("--set", "task.text=a", "--text", "b"), ("--text", "a", "--set", "task.text=b")])
def test_column_that_was_typed_last_is_read(zoo, refused, reviews, given):
    refused(zoo("data", "check", reviews, *given, "--label", "rating"), 3, 'missing column "b"')


@pytest.mark.parametrize(
    ("given", "again"),
    [
        (("--verbose", "train", "yelp-mlp"), "zoo train yelp-mlp --verbose"),
        (("--seed", "3", "recipe", "check", "yelp-mlp"), "zoo recipe check yelp-mlp --seed 3"),
        (("--quiet", "--json", "list", "loss"), "zoo --quiet list loss --json"),
    ],
)
def test_option_of_a_command_before_it_is_put_after_it(zoo, refused, given, again):
    refused(zoo(*given), 2, f"no such option: {next(one for one in given if one not in ('--quiet',))}", again)
