"""Schemas of the files of a run: each file is parsed and checked here, before anything uses its values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from zoo_core.config.toml import Document, parse_toml
from zoo_core.data.findings import SEVERITIES
from zoo_core.errors import RunFolderError, ZooError
from zoo_core.recipes.component_owners import Fingerprint
from zoo_core.runs.store import parse_json

FINGERPRINT_KEYS = ("kind", "name", "plugin", "distribution", "version", "class", "code")
DATA_KEYS = ("source", "origin", "sha256", "reader")
MAX_ROWS = 2**53  # of a class; a larger number is not exact as a float
FINDING_TYPES: dict[str, type] = {"check": str, "severity": str, "message": str, "hint": str, "count": int}
CHANGE_TYPES: dict[str, type] = {  # what a plugin did to the model
    **dict.fromkeys(("plugin", "distribution", "version", "code", "moment", "change"), str),
    **dict.fromkeys(("times", "first_epoch", "last_epoch"), int),
}
SUMMARY_TYPES: dict[str, type] = {"recipe": str, "interrupted": str, "epochs": int, "best_epoch": int, "features": int}


def parse_components(data: bytes, path: Path) -> Mapping[str, Fingerprint]:
    """Parse `components.json`: the fingerprint of each component by its slot."""
    components = parse_json(data, str(path))
    if not are_fingerprints(components):
        raise RunFolderError("invalid components of a run", where=str(path))
    return cast(Mapping[str, Fingerprint], components)


def are_fingerprints(components: Any) -> bool:
    """Whether a value is a table of fingerprints by slot."""
    return isinstance(components, dict) and all(map(_is_fingerprint, components.values()))


def _is_fingerprint(component: Any) -> bool:
    return isinstance(component, dict) and all(isinstance(component.get(key), str) for key in FINGERPRINT_KEYS)


def parse_summary(data: bytes, path: Path) -> dict[str, Any]:
    """Parse `result.json`: the summary of a run, with the name of its recipe, its data and its metrics."""
    summary = parse_json(data, str(path), has_paths=True)
    if not isinstance(summary, dict) or not _is_summary(summary):
        raise RunFolderError("invalid result of a run", where=str(path))
    return dict(summary)


def _is_summary(summary: dict[str, Any]) -> bool:
    has_types = all(type(summary.get(key)) is expected for key, expected in SUMMARY_TYPES.items())
    metrics, rows = summary.get("metrics"), summary.get("rows")
    has_metrics = isinstance(metrics, dict) and all(map(_are_numbers, metrics.values()))
    has_lists = (
        _are_details(summary)
        and _are_findings(summary.get("findings", []))
        and _are_changes(summary.get("model_changes", []))
        and _is_start(summary.get("start", {}))
    )
    return has_types and has_metrics and has_lists and _are_numbers(rows) and _is_data(summary.get("data"))


def _are_details(summary: dict[str, Any]) -> bool:
    """Whether the values beside the metrics of each split are as `summarize_figures` gives them.

    Runs of older versions have none.
    """
    intervals = summary.get("intervals", {})
    others = [summary.get(key, {}) for key in ("majority", "without_leaked")]
    are_tables = all(
        isinstance(other, dict) and all(isinstance(one, dict) for one in other.values()) for other in others
    )
    return are_tables and isinstance(intervals, dict) and all(map(_are_intervals, intervals.values()))


def _are_intervals(values: Any) -> bool:
    """Whether each value has two ends, or none."""
    return isinstance(values, dict) and all(ends is None or _are_ends(ends) for ends in values.values())


def _are_ends(ends: Any) -> bool:
    return isinstance(ends, list) and len(ends) == 2 and all(type(end) in (int, float) for end in ends)


def _are_findings(values: Any) -> bool:
    """Whether these are findings as `Finding.to_dict` gives them; runs of older versions have none."""
    return _are_tables(values, FINDING_TYPES) and all(value["severity"] in SEVERITIES for value in values)


def _are_changes(values: Any) -> bool:
    """Whether these are changes of the model by plugins; runs of older versions have none."""
    return _are_tables(values, CHANGE_TYPES)


def _is_start(report: Any) -> bool:
    """Whether this is the report of a model's start; runs of older versions have none."""
    return isinstance(report, dict) and all(type(value) in (str, int, float) for value in report.values())


def _are_tables(values: Any, types: Mapping[str, type]) -> bool:
    """Whether these are dictionaries with these keys and types."""
    return isinstance(values, list) and all(
        isinstance(value, dict)
        and set(value) == set(types)
        and all(type(value[key]) is expected for key, expected in types.items())
        for value in values
    )


def _are_numbers(values: Any) -> bool:
    return isinstance(values, dict) and all(type(value) in (int, float) for value in values.values())


def _is_data(data: Any) -> bool:
    if not isinstance(data, dict) or not all(isinstance(data.get(key), str) for key in DATA_KEYS):
        return False
    files, rare = (
        data.get("files"),
        data.get("rare", {"merged_into": "", "rows": {}}),
    )  # runs of older versions have none
    if not isinstance(rare, dict) or not isinstance(rare.get("merged_into"), str) or not _are_numbers(rare.get("rows")):
        return False
    return isinstance(files, list) and all(isinstance(name, str) for name in files)


def parse_environment(data: bytes, path: Path) -> Mapping[str, Any]:
    """Parse `environment.json`: the versions and hardware that a run was trained with."""
    environment = parse_json(data, str(path))
    if not isinstance(environment, dict):
        raise RunFolderError("invalid environment of a run", where=str(path))
    return environment


@frozen
class HeadValues:
    """The content of `head.json`: the classes, and what the loss is expected to need."""

    classes: tuple[str, ...]
    outputs: Any
    link: Any
    class_counts: tuple[float, ...]  # empty in runs of versions that did not store them
    targets: Any = "single-label"  # as in runs of versions that did not store it


def parse_head(data: bytes, path: Path) -> HeadValues:
    """Parse `head.json`: at least two different classes, and for each the rows of the training split."""
    head = parse_json(data, str(path))
    if not isinstance(head, dict) or not _are_classes(head.get("classes")):
        raise RunFolderError("invalid class list", where=str(path))
    counts = head.get("class_counts", [])
    if (
        not isinstance(counts, list)
        or len(counts) not in (0, len(head["classes"]))
        or not all(map(_is_row_count, counts))
    ):
        raise RunFolderError("invalid class counts: expected the rows of each class", where=str(path))
    return HeadValues(
        tuple(head["classes"]),
        head.get("outputs"),
        head.get("link"),
        tuple(counts),
        head.get("targets", "single-label"),
    )


def _is_row_count(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= MAX_ROWS


def _are_classes(value: Any) -> bool:
    are_strings = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return are_strings and len(set(value)) == len(value) >= 2


@frozen
class EncoderValues:
    """The content of `encoder.json`: the number of features, and the plain values of the encoder's state."""

    num_features: Any
    state: Mapping[str, Any]


def parse_encoder(data: bytes, path: Path) -> EncoderValues:
    """Parse `encoder.json`."""
    encoder = parse_json(data, str(path))
    if not isinstance(encoder, dict) or not isinstance(encoder.get("state"), dict):
        raise RunFolderError("invalid state of an encoder", where=str(path))
    return EncoderValues(encoder.get("num_features"), encoder["state"])


def parse_recipe(data: bytes, path: Path) -> Document:
    """Parse `recipe.toml`."""
    try:
        return parse_toml(data.decode("utf-8"), str(path))
    except ZooError as error:
        raise RunFolderError(*error.problems) from None
    except UnicodeDecodeError:
        raise RunFolderError("not UTF-8", where=str(path)) from None
