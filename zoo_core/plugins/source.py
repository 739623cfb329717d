"""Source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata

from attrs import frozen

from zoo_core.messages import escape_control_chars

ENTRY_POINT_GROUP = "textzoo.plugins"
API_DISTRIBUTION = "textzoo"
MAX_ERROR_CHARS = 300  # characters of what an error says
FILE_PREFIX = "file:"  # what the owner's name of a single file begins with; no distribution can have it
ALL_THIRD_PARTY = "*"  # switches off every plugin that does not come with the zoo itself


@frozen
class PluginSource:
    """Where a plugin comes from: its name, its distribution and version, and how to load it."""

    plugin: str
    distribution: str
    version: str
    load: Callable[[], object]
    requires: tuple[str, ...] = ()
    explicit: bool = False  # for this call, by name: only its own name switches it off

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()

    @property
    def remedy(self) -> str:
        """What to do about its faults."""
        if self.distribution.startswith(FILE_PREFIX):
            return f"mend {self.distribution.removeprefix(FILE_PREFIX)}"
        return f"upgrade or uninstall {self.distribution}"

    def matches(self, names: set[str]) -> bool:
        """Whether it is one of these: `plugin`, `distribution/plugin`, or every one from elsewhere."""
        foreign = self.distribution != API_DISTRIBUTION and not self.explicit
        return bool(names & {self.plugin, f"{self.distribution}/{self.plugin}"}) or (
            foreign and ALL_THIRD_PARTY in names
        )

    def incompatibility(self) -> str:
        """Why this plugin was made for another version of the zoo, read from its metadata; "" if it was not."""
        wanted = [text for text in self.requires if text.lower().startswith(API_DISTRIBUTION)]
        if not wanted:
            return ""
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.utils import canonicalize_name

        here = metadata.version(API_DISTRIBUTION)
        for text in wanted:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            ours = canonicalize_name(requirement.name) == API_DISTRIBUTION
            if ours and not requirement.specifier.contains(here, prereleases=True):
                return f"it was made for {API_DISTRIBUTION}{requirement.specifier}, this is {here}"
        return ""


@frozen
class UnavailablePlugin:
    """A plugin that was set aside or switched off, and why."""

    source: PluginSource
    reason: str
    disabled: bool = False

    def __str__(self) -> str:
        if self.disabled:
            return f'plugin "{self.source.plugin}" ({self.source}) is switched off'
        return escape_control_chars(
            f'plugin "{self.source.plugin}" ({self.source}) was set aside: {self.reason} '
            f"(hint: {self.source.remedy}, or leave it out with --no-plugin {self.source.plugin})"
        )


def installed_plugins() -> list[PluginSource]:
    """The plugins that installed distributions offer, sorted by name; nothing is imported."""
    found = [source_of(point) for point in metadata.entry_points(group=ENTRY_POINT_GROUP)]
    return sorted(found, key=lambda source: (source.plugin, source.distribution))


def source_of(point: metadata.EntryPoint) -> PluginSource:
    """Where an entry point comes from; nothing is imported."""
    distribution = point.dist
    return PluginSource(
        plugin=point.name,
        distribution=distribution.name if distribution else "unknown",
        version=distribution.version if distribution else "",
        load=point.load,
        requires=tuple(distribution.requires or ()) if distribution else (),
    )


def plugin_objects(plugins: Mapping[str, object]) -> list[PluginSource]:
    """Plugins handed over as objects, for tests and for Python callers."""
    return [PluginSource(name, name, "", partial(_itself, plugin)) for name, plugin in sorted(plugins.items())]


def _itself(plugin: object) -> object:
    return plugin


def describe_exception(error: BaseException) -> str:
    """The type of an error and what it says, on one line."""
    try:
        said = " ".join(str(error).split())
    except BaseException:
        said = ""
    return f"{type(error).__name__}: {said[:MAX_ERROR_CHARS]}" if said else type(error).__name__
