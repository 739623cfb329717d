"""Where plugins come from: installed distributions, objects and files, and the reason why one is unavailable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import metadata

from attrs import frozen

from zoo_core.messages import escape_control_chars, join_hints, join_names, suggest_command

ENTRY_POINT_GROUP = "textzoo.plugins"
API_DISTRIBUTION = "textzoo"
MAX_ERROR_CHARS = 300  # of the text of an exception
FILE_PREFIX = "file:"  # of the owner of a single file; no distribution has such a name
ALL_THIRD_PARTY = "*"  # disables every plugin that does not come with textzoo


@frozen
class PluginSource:
    """Where a plugin comes from: its name, its distribution and version, and how to load it."""

    plugin: str
    distribution: str
    version: str
    load: Callable[[], object]
    requires: tuple[str, ...] = ()
    explicit: bool = False  # named for this call, so that only its own name disables it

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()

    @property
    def remedies(self) -> str:
        """What the user can do about its errors, with the option that does without it."""
        option = suggest_command("--no-plugin", self.plugin)
        return join_hints(self.remedy, option and f"disable it with {option}")

    @property
    def remedy(self) -> str:
        """What the user can do about its errors."""
        if self.distribution.startswith(FILE_PREFIX):
            return f"fix {self.distribution.removeprefix(FILE_PREFIX)}"
        return f"upgrade or uninstall {self.distribution}"

    def matches(self, names: set[str]) -> bool:
        """Whether one of these names it: `plugin`, `distribution/plugin`, or `*` for all third-party plugins."""
        third_party = self.distribution != API_DISTRIBUTION and not self.explicit
        return bool(names & {self.plugin, f"{self.distribution}/{self.plugin}"}) or (
            third_party and ALL_THIRD_PARTY in names
        )

    def incompatibility(self) -> str:
        """Why its metadata requires another version of textzoo; "" if it does not."""
        requirements = [text for text in self.requires if text.lower().startswith(API_DISTRIBUTION)]
        if not requirements:
            return ""
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.utils import canonicalize_name

        installed = metadata.version(API_DISTRIBUTION)
        for text in requirements:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            is_api = canonicalize_name(requirement.name) == API_DISTRIBUTION
            if is_api and not requirement.specifier.contains(installed, prereleases=True):
                return f"it requires {API_DISTRIBUTION}{requirement.specifier}, but {installed} is installed"
        return ""


@frozen
class UnavailablePlugin:
    """A plugin that is not in use: disabled by the user, or broken with a reason."""

    source: PluginSource
    reason: str
    disabled: bool = False
    remedy: str = ""  # what the user can do, where it is not the plugin that is at fault

    def __str__(self) -> str:
        if self.disabled:
            return f'plugin "{self.source.plugin}" ({self.source}) is disabled'
        remedy = self.remedy or self.source.remedies
        return escape_control_chars(
            f'plugin "{self.source.plugin}" ({self.source}) was disabled: {self.reason} (hint: {remedy})'
        )


def describe_broken(plugins: Sequence[UnavailablePlugin]) -> list[str]:
    """One line for broken plugins: the reason of a single one, the names of several."""
    if len(plugins) < 2:
        return [str(plugin) for plugin in plugins]
    names = join_names(f"{plugin.source.plugin} ({plugin.source})" for plugin in plugins)
    return [escape_control_chars(f"{len(plugins)} plugins were disabled: {names} (hint: see the reasons: zoo doctor)")]


def installed_plugins() -> list[PluginSource]:
    """The plugins of installed distributions, sorted by name; nothing is imported."""
    read: dict[int, tuple[str, str, tuple[str, ...]]] = {}  # parsing the metadata of a distribution takes time
    sources = [source_of(point, read) for point in metadata.entry_points(group=ENTRY_POINT_GROUP)]
    return sorted(sources, key=lambda source: (source.plugin, source.distribution))


def source_of(
    point: metadata.EntryPoint, read: dict[int, tuple[str, str, tuple[str, ...]]] | None = None
) -> PluginSource:
    """The source of an entry point; nothing is imported. `read` keeps what was read of distributions, by their id."""
    read, distribution = {} if read is None else read, point.dist
    if distribution is None:
        return PluginSource(point.name, "unknown", "", point.load)
    if id(distribution) not in read:
        facts = distribution.metadata
        requires = facts.get_all("Requires-Dist") or distribution.requires or ()
        read[id(distribution)] = facts["Name"], facts["Version"], tuple(map(str, requires))
    name, version, needs = read[id(distribution)]
    return PluginSource(point.name, name, version, point.load, needs)


def plugin_objects(plugins: Mapping[str, object]) -> list[PluginSource]:
    """Sources of plugins that are objects, for tests and for callers in Python."""
    return [PluginSource(name, name, "", partial(_identity, plugin)) for name, plugin in sorted(plugins.items())]


def _identity(plugin: object) -> object:
    return plugin


def describe_exception(error: BaseException) -> str:
    """The type and the text of an exception, on one line."""
    try:
        text = " ".join(str(error).split())
    except BaseException:
        text = ""
    return f"{type(error).__name__}: {text[:MAX_ERROR_CHARS]}" if text else type(error).__name__
