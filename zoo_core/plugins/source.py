"""Source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata

from attrs import frozen

from zoo_core.messages import printable

GROUP = "textzoo.plugins"
API_DISTRIBUTION = "textzoo"
LONGEST = 300  # characters of what an error says
FILE = "file:"  # what the owner's name of a single file begins with; no distribution can have it
EVERY = "*"  # switches off every plugin that does not come with the zoo itself


@frozen
class Source:
    """Where a plugin comes from: its name, its distribution and version, and how to load it."""

    plugin: str
    distribution: str
    version: str
    load: Callable[[], object]
    requires: tuple[str, ...] = ()
    asked: bool = False  # for this call, by name: only its own name switches it off

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()

    @property
    def remedy(self) -> str:
        """What to do about its faults."""
        if self.distribution.startswith(FILE):
            return f"mend {self.distribution.removeprefix(FILE)}"
        return f"upgrade or uninstall {self.distribution}"

    def among(self, names: set[str]) -> bool:
        """Whether it is one of these: `plugin`, `distribution/plugin`, or every one from elsewhere."""
        foreign = self.distribution != API_DISTRIBUTION and not self.asked
        return bool(names & {self.plugin, f"{self.distribution}/{self.plugin}"}) or (foreign and EVERY in names)

    def unfit(self) -> str:
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
class Absent:
    """A plugin that was set aside or switched off, and why."""

    source: Source
    reason: str
    disabled: bool = False

    def __str__(self) -> str:
        if self.disabled:
            return f'plugin "{self.source.plugin}" ({self.source}) is switched off'
        return printable(
            f'plugin "{self.source.plugin}" ({self.source}) was set aside: {self.reason} '
            f"(hint: {self.source.remedy}, or leave it out with --no-plugin {self.source.plugin})"
        )


def installed() -> list[Source]:
    """The plugins that installed distributions offer, sorted by name; nothing is imported."""
    found = [source_of(point) for point in metadata.entry_points(group=GROUP)]
    return sorted(found, key=lambda source: (source.plugin, source.distribution))


def source_of(point: metadata.EntryPoint) -> Source:
    """Where an entry point comes from; nothing is imported."""
    distribution = point.dist
    return Source(
        plugin=point.name,
        distribution=distribution.name if distribution else "unknown",
        version=distribution.version if distribution else "",
        load=point.load,
        requires=tuple(distribution.requires or ()) if distribution else (),
    )


def given(plugins: Mapping[str, object]) -> list[Source]:
    """Plugins handed over as objects, for tests and for Python callers."""
    return [Source(name, name, "", partial(_itself, plugin)) for name, plugin in sorted(plugins.items())]


def _itself(plugin: object) -> object:
    return plugin


def described(error: BaseException) -> str:
    """The type of an error and what it says, on one line."""
    try:
        said = " ".join(str(error).split())
    except BaseException:
        said = ""
    return f"{type(error).__name__}: {said[:LONGEST]}" if said else type(error).__name__
