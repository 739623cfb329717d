"""The installed plugins as a file of requirements, as `pip install -r` reads it, and what of such a file is safe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata

from attrs import frozen

from zoo_core.errors import Problem, RecipeError
from zoo_core.messages import DISTRIBUTION_NAME, escape_control_chars, suggest_install
from zoo_core.plugins.plugin_source import API_DISTRIBUTION, FILE_PREFIX, PluginSource

MAX_LINES = 10_000
COMMENT = re.compile(r"(^|\s)#.*$")
HEADER = re.compile(r"# textzoo (\S+)")
FILE_COMMENT = "# plugin file: "


@frozen
class FrozenPlugins:
    """What a file of requirements lists: the version of textzoo, distributions to install, and files of plugins."""

    requirements: tuple[str, ...]
    version: str = ""
    files: tuple[str, ...] = ()


def freeze_plugins(sources: Iterable[PluginSource]) -> str:
    """The text of the file: each distribution with its version; textzoo's own version and plugin files as comments."""
    lines = [f"# textzoo {metadata.version(API_DISTRIBUTION)}"]
    unique = {source.distribution: source for source in sources if source.distribution != API_DISTRIBUTION}
    for name, source in sorted(unique.items()):
        if name.startswith(FILE_PREFIX):
            lines.append(f"{FILE_COMMENT}{name.removeprefix(FILE_PREFIX)} (sha256 {source.version}…)")
        elif suggest_install(name, source.version):
            lines += [f"# installed from {place}" for place in [_find_place(name)] if place]
            lines.append(f"{name}=={source.version}")
        else:
            lines.append(f"# not the name or the version of a distribution: {name} {source.version}")
    return "".join(f"{escape_control_chars(line)}\n" for line in lines)


def _find_place(name: str) -> str:
    """The URL that a distribution was installed from; "" if it came from an index."""
    import json

    try:
        place = json.loads(metadata.distribution(name).read_text("direct_url.json") or "{}").get("url", "")
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return ""
    return place if isinstance(place, str) else ""


def parse_frozen(text: str, where: str) -> FrozenPlugins:
    """Read the text of such a file. RecipeError, with every line, for options, URLs and paths: pip would obey them."""
    from packaging.requirements import InvalidRequirement, Requirement

    requirements, files, problems, version = [], [], [], ""
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MAX_LINES:
        raise RecipeError(f"got {len(lines):,} lines, expected at most {MAX_LINES:,}", where=where)
    for number, line in enumerate(lines, start=1):
        header = HEADER.fullmatch(line.strip())
        version = header[1] if header else version
        if line.startswith(FILE_COMMENT):
            files.append(line.removeprefix(FILE_COMMENT).partition(" (sha256")[0])
        words = COMMENT.sub("", line).strip()
        if not words:
            continue
        try:
            requirement = Requirement(words)
            if requirement.url or not suggest_install(requirement.name) or not DISTRIBUTION_NAME.fullmatch(words[:1]):
                raise InvalidRequirement
            if requirement.marker is None or requirement.marker.evaluate():
                extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
                requirements.append(f"{requirement.name}{extras}{requirement.specifier}")
        except InvalidRequirement:
            problems.append(Problem(f'expected NAME==VERSION, got "{words}"', f"{where}:{number}"))
    if problems:
        hint = "options, URLs and paths run other code: look at the file, then use pip install -r yourself"
        raise RecipeError(*problems, Problem("nothing was installed", where, hint))
    return FrozenPlugins(tuple(requirements), version, tuple(files))
