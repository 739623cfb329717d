"""The command `zoo`: global options, lazily imported commands, and errors as one line each."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from zoo_cli.error_lines import is_unexpected, print_lines, report_error, report_interrupt
from zoo_cli.loading_line import show_loading
from zoo_cli.output import accept_quiet
from zoo_cli.process import interrupts, process_end
from zoo_cli.process.limited_memory import continue_in_child, is_address_space_limited, note_exit_code
from zoo_cli.typed.words import WORDS
from zoo_cli.usage_errors import format_usage_error

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "compare": ("compare", "Compare two trained runs on the same rows."),
    "data": ("data.group", "Check, split, download or generate text data."),
    "doctor": ("doctor", "Check versions, plugins and devices; find a broken plugin."),
    "evaluate": ("evaluate", "Evaluate a trained run on a split or a file."),
    "explain": ("explain", "Show the top words of each class, or each word's contribution."),
    "list": ("list_show", "List the available components and recipes."),
    "plot": ("plot", "Plot activations, losses, or the results of a run."),
    "plugins": ("plugins.group", "List, create, check, install and disable plugins."),
    "predict": ("predict", "Label texts with a trained run."),
    "recipe": ("recipe.group", "Create, check, compare and lock recipes."),
    "runs": ("runs", "List the runs in a folder."),
    "show": ("list_show", "Show a component: plugin, settings, contract, formula."),
    "swap": ("swap", "Train variants of a recipe and compare them."),
    "train": ("train", "Train a recipe on a file of texts and test it."),
}
TORCH_COMMANDS = {"compare", "evaluate", "explain", "plot", "predict", "swap", "train"}
CONTEXT_SETTINGS: dict[str, Any] = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}
GC_THRESHOLD = 500_000  # new objects between collections: the import of torch creates 350,000 that stay alive


class Commands(click.Group):
    """A group that imports a command when it is called, and looks for commands of plugins last."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module = import_module(f"zoo_cli.commands.{COMMANDS[name][0]}")
            return accept_quiet(getattr(module, f"{name}_command"))
        offered = import_module("zoo_cli.commands.plugins.offered_commands")
        # commands are resolved before `zoo` fills `ctx.obj`
        command: click.Command | None = offered.load_command(name, COMMANDS, _disabled_plugins(ctx.params))
        if command is not None:
            return command
        other = next((known for known in COMMANDS if name in (f"{known}s", known.removesuffix("s"))), None)
        return self.get_command(ctx, other) if other else None  # the plural or the singular

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] in TORCH_COMMANDS and not ctx.resilient_parsing and not {"-h", "--help"} & set(args):
            ctx.with_resource(show_loading(quiet=ctx.params.get("quiet") or "--quiet" in args))
        if (
            args
            and not ctx.resilient_parsing
            and self.get_command(ctx, args[0]) is None
            and not args[0].startswith("-")
        ):
            from zoo_core.errors import RecipeError
            from zoo_core.plugins.registry import unknown_hint

            raise RecipeError(
                f'unknown command "{args[0]}"', hint=unknown_hint("command", args[0], [*COMMANDS, *_plugin_commands()])
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has closed the pipe; click would report a failure
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # silences the interpreter's last flush
            raise click.exceptions.Exit(0) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any."""
        rows = [(name, text) for name, (_, text) in sorted(COMMANDS.items())]
        rows += [(name, f"(from {distribution})") for name, distribution in _plugin_commands().items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands; those of plugins are not imported."""
        from click.shell_completion import CompletionItem

        names = _plugin_commands() if incomplete[:1] != "-" else {}
        items = [
            CompletionItem(name, help=f"from {distribution}")
            for name, distribution in names.items()
            if name.startswith(incomplete)
        ]
        return [*super().shell_complete(ctx, incomplete), *items]


def _plugin_commands() -> dict[str, str]:
    """The names of plugins' commands with their distributions."""
    names: dict[str, str] = import_module("zoo_cli.commands.plugins.offered_commands").command_names(COMMANDS)
    return names


def _complete_plugin(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Any:
    from zoo_cli.completion.lists import complete_plugin

    return complete_plugin(ctx, parameter, incomplete)


@click.command(cls=Commands, epilog="Example: zoo train yelp-perceptron", context_settings=CONTEXT_SETTINGS)
@click.option(
    "--no-plugin",
    "no_plugin",
    multiple=True,
    metavar="NAME",
    shell_complete=_complete_plugin,
    help="Disable a plugin (repeatable).",
)
@click.option("--no-plugins", is_flag=True, help="Disable every third-party plugin.")
@click.option("--strict-plugins", is_flag=True, help="Treat a broken plugin as an error, not a warning.")
@click.option("--plugin", "files", multiple=True, metavar="FILE", help="Load the plugin in a .py file (repeatable).")
@click.option("--quiet", is_flag=True, help="Print results, warnings and errors only; also after the command.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="textzoo", prog_name="zoo")
@click.pass_context
def zoo(
    ctx: click.Context,
    no_plugin: tuple[str, ...],
    no_plugins: bool,
    strict_plugins: bool,
    files: tuple[str, ...],
    quiet: bool,
    debug: bool,
) -> None:
    """Train, evaluate and compare small text classifiers made of swappable components."""
    ctx.obj = {
        "disabled": _disabled_plugins(ctx.params),
        "strict": strict_plugins,
        "files": list(files),
        "quiet": quiet,
        "debug": debug,
    }


def _disabled_plugins(params: dict[str, Any]) -> tuple[str, ...]:
    """The plugins that the options of `zoo` disable; `*` stands for all third-party plugins."""
    return (*params.get("no_plugin", ()), *(("*",) if params.get("no_plugins") else ()))


def main() -> NoReturn:
    """Run the command line and exit with the exit code of the command."""
    if is_address_space_limited():
        continue_in_child()
    gc.set_threshold(GC_THRESHOLD)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the caller has closed it
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8", errors="replace"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        # data is UTF-8 in every locale, and names of files are the bytes that they are on the disk
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    interrupts.handle_command()
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt as stop:  # another signal, while the first was reported
        code = 130 if type(stop) is KeyboardInterrupt else 143
    except MemoryError:  # not even enough to report the first error
        with contextlib.suppress(OSError):
            os.write(2, b"zoo: error: out of memory\n")
        code = 7
    interrupts.handle_end()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        os.dup2(2, 1)  # output of plugins at interpreter exit is not data
    note_exit_code(code)
    process_end.note_end(code)
    gc.freeze()  # skip the collection at exit: the process frees its memory anyway
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Errors are one line each on standard error."""
    from zoo_cli.terminal_streams import escaped_terminals

    with escaped_terminals():
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        if "_ZOO_COMPLETE" in os.environ:
            import_module("zoo_cli.completion.shells").register_shells()
            zoo.main(arguments, prog_name="zoo", standalone_mode=False)
        with zoo.make_context("zoo", list(arguments)) as context:
            context.meta[WORDS] = arguments
            result = zoo.invoke(context)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        from zoo_cli.typed.wrong_arguments import explain_error

        explained = explain_error(error, zoo, arguments)
        if explained is not error:
            return report_error(explained)
        return print_lines(format_usage_error(error, zoo, arguments), 2)
    except click.ClickException as error:
        return print_lines([error.format_message()], 2)
    except (click.Abort, KeyboardInterrupt) as stop:
        return report_interrupt(stop)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except SystemExit:
        raise
    except BaseException as error:  # a panic of polars is not an Exception
        if debug:
            traceback.print_exc()
        interrupt = interrupts.last_interrupt()
        if interrupt and is_unexpected(error):
            return report_interrupt(interrupt)
        from zoo_cli.typed.wrong_arguments import explain_error

        return report_error(explain_error(error, zoo, arguments))
