"""Shells: completed names of files, and words as each shell splits them."""

from __future__ import annotations

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class FileFallback(ShellComplete):
    """Complete file names where no other items exist: most such arguments are runs or files of texts."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        items = super().get_completions(args, incomplete)
        needs_file = bool(args) and not items and not incomplete.startswith("-") and "=" not in incomplete
        return [CompletionItem(incomplete, type="file")] if needs_file else items


class Zsh(FileFallback, ZshComplete):
    """zsh with file names."""


class Fish(FileFallback, FishComplete):
    """fish with file names, and with commas inside items."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","', 1)


class Bash(FileFallback, BashComplete):
    """Bash with file names. Bash splits words at `=`: `KEY=VAL` arrives as three words; it replaces the last one."""

    source_template = BashComplete.source_template.replace(
        "    done\n", "    done\n\n    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n", 1
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        *words, incomplete = rejoin_words([*words, incomplete])
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Format only the value of `KEY=VALUE`: the key is already on the line."""
        value = item.value if item.value.endswith("=") else item.value.rpartition("=")[2]
        return f"{item.type},{value}"


def rejoin_words(words: list[str]) -> list[str]:
    """Join the words that Bash split at `=`.

    >>> rejoin_words(["--set", "loss", "=", "bce", "--set", "model.activation", "="])
    ['--set', 'loss=bce', '--set', 'model.activation=']
    """
    joined: list[str] = []
    for word in words:
        if joined and (word == "=" or (joined[-1].endswith("=") and word and not word.startswith("--"))):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def register_shells() -> None:
    """Register this module's shell classes with click."""
    for shell in (Bash, Fish, Zsh):
        add_completion_class(shell)
