"""The plugins that a run was made with: which are missing or have changed, and the command that brings each back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from zoo_core.config.zoo import Zoo
from zoo_core.errors import Problem
from zoo_core.messages import suggest_command, suggest_install
from zoo_core.plugins.plugin_source import FILE_PREFIX
from zoo_core.plugins.registry import Entry, enabling_hint

Fingerprint = Mapping[str, str]  # of a component: where it came from, and the hash of its code


def find_owned(component: Fingerprint, zoo: Zoo) -> Entry | None:
    """The component of a fingerprint, from the distribution that it names; by an alias if it was renamed.

    Another plugin of the distribution may have it now.
    """
    name = component["name"]
    entries = [
        entry
        for entry in zoo.registry.of_kind(component["kind"])
        if entry.owner.distribution == component["distribution"] and name in (entry.name, *entry.cls.aliases)
    ]
    # the same plugin before others, names before aliases
    entries.sort(key=lambda entry: (entry.owner.plugin != component["plugin"], entry.name != name))
    return entries[0] if entries else None


def prefer_owners(components: Mapping[str, Fingerprint], zoo: Zoo) -> Zoo:
    """The zoo in which a name that several plugins offer means the component that a run was made with.

    The names of plugins that their distribution has renamed since mean the new ones.
    """
    owners, renamed = {}, {}
    for component in components.values():
        made, entry = "/".join(owner_of(component)), find_owned(component, zoo)
        now = f"{entry.owner.distribution}/{entry.owner.plugin}" if entry else made
        owners[f"{component['kind']}.{component['name']}"] = renamed[made] = now
    registry = evolve(zoo.registry, preferred={**zoo.registry.preferred, **owners}, renamed=renamed)
    return evolve(zoo, registry=registry)


def find_missing_owners(components: Mapping[str, Fingerprint], zoo: Zoo) -> list[Problem]:
    """A problem for each plugin, of those that the components of a run are from, that does not offer them now."""
    missing: dict[tuple[str, str, str], Problem] = {}
    for component in components.values():
        owner = (component["distribution"], component["plugin"], component["version"])
        if owner not in missing and find_owned(component, zoo) is None:
            missing[owner] = _describe_absence(component, zoo)
    return list(missing.values())


def find_other_versions(components: Mapping[str, Fingerprint], zoo: Zoo) -> list[Problem]:
    """A problem for each plugin that has another version than the components of a run, or is not installed now."""
    current = {(source.distribution, source.plugin): source.version for source, _ in zoo.plugins.loaded}
    made = {(*owner_of(component), component["version"]): component for component in components.values()}
    problems = []
    for (distribution, plugin, version), component in sorted(made.items()):
        entry = find_owned(component, zoo)
        now = entry.owner.version if entry else current.get((distribution, plugin))
        if now is None:
            problems.append(_describe_absence(component, zoo))
        elif now != version:
            hint = "" if distribution.startswith(FILE_PREFIX) else install_hint(distribution, version)
            problems.append(Problem(f"made with {describe_owner(component)}, now {now}", hint=hint))
    return problems


def owner_of(component: Fingerprint) -> tuple[str, str]:
    """The distribution and the plugin of a component."""
    return component["distribution"], component["plugin"]


def describe_owner(component: Fingerprint) -> str:
    """The plugin, the distribution and the version of a component."""
    return f'plugin "{component["plugin"]}" of {component["distribution"]} {component["version"]}'.rstrip()


def _describe_absence(component: Fingerprint, zoo: Zoo) -> Problem:
    """Why the component of a fingerprint is not there, and what brings it back."""
    distribution, made = component["distribution"], f"made with {describe_owner(component)}"
    hint = install_hint(distribution, component["version"])
    for plugin in zoo.plugins.unavailable:
        if (plugin.source.distribution, plugin.source.plugin) == (distribution, component["plugin"]):
            reason = "which is disabled" if plugin.disabled else f"which is broken: {plugin.reason}"
            return Problem(f"{made}, {reason}", hint=enabling_hint(plugin) or hint)
    loaded = [source for source, _ in zoo.plugins.loaded if source.distribution == distribution]
    if loaded:
        return Problem(f'{made}; {loaded[0]} does not have {component["kind"]} "{component["name"]}"', hint=hint)
    state = "not loaded" if distribution.startswith(FILE_PREFIX) else "not installed"
    return Problem(f"{made}, which is {state}", hint=hint)


def install_hint(distribution: str, version: str = "", *, command: str = "pip install") -> str:
    """How the user gets a distribution, or a plugin file; "" if that cannot be said with a safe command."""
    file = distribution.removeprefix(FILE_PREFIX)
    if file == distribution:
        return suggest_install(distribution, version, command=command)
    option = suggest_command("--plugin", Path(file)) if Path(file).name == file else ""
    return option and f"give the file with {option}"
