"""Update the index of published plugins: python .ci/plugin_index.py [--check] [DISTRIBUTION …].

It asks pypi.org for the newest wheel of each distribution in `zoo_core/plugins/known_plugins.json` and of those that
are given, and reads the names that it offers from its files: nothing of it is run or installed. With `--check` it
writes nothing, and exits with 1 if the index is out of date. `--wheel FILE` prints the entries of a wheel that is not
published, for an author who wants to see or send them.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import io
import json
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from zoo_core.components.kinds import KINDS  # noqa: E402
from zoo_core.messages import suggest_install  # noqa: E402
from zoo_core.plugins.known_plugins import FORMAT, INDEX_FILE, KnownName, read_index  # noqa: E402

INDEX = "https://pypi.org/pypi"
MAX_BYTES = 64 << 20  # of a wheel, and of each file in it
SECONDS = 60
Fetch = Callable[[str], bytes]


def fetch(url: str) -> bytes:
    """The content at an address of the package index."""
    if not url.startswith("https://"):
        raise SystemExit(f"not an https address: {url}")
    with urlopen(url, timeout=SECONDS) as answer:
        data: bytes = answer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SystemExit(f"larger than {MAX_BYTES >> 20} MiB: {url}")
    return data


def published_names(distribution: str, get: Fetch) -> list[KnownName]:
    """The names that the newest wheel of a distribution offers; none for a distribution without a wheel."""
    if not suggest_install(distribution):
        raise SystemExit(f"not the name of a distribution: {distribution}")
    facts = json.loads(get(f"{INDEX}/{distribution}/json"))
    wheels = [file["url"] for file in facts["urls"] if file["packagetype"] == "bdist_wheel" and not file["yanked"]]
    return names_in_wheel(get(wheels[0]), distribution, facts["info"]["version"]) if wheels else []


def names_in_wheel(data: bytes, distribution: str, version: str) -> list[KnownName]:
    """The components, recipes and commands that a wheel offers, read from its files."""
    points, sources, tables = configparser.ConfigParser(delimiters="="), [], []
    points.optionxform = str  # type: ignore[assignment,method-assign]
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        for file in wheel.infolist():
            if file.file_size > MAX_BYTES or not file.filename.endswith((".py", ".toml", "entry_points.txt")):
                continue
            text = wheel.read(file).decode("utf-8", "replace")
            if file.filename.endswith(".dist-info/entry_points.txt"):
                points.read_string(text)
            (sources if file.filename.endswith(".py") else tables).append(text)
    plugin = next(iter(points["textzoo.plugins"]), "") if points.has_section("textzoo.plugins") else ""
    trees = [ast.parse(text) for text in sources] if plugin else []
    found = {*_component_names(trees), *_recipe_names(trees, tables if plugin else [])}
    if points.has_section("textzoo.commands"):
        found |= {("command", name) for name in points["textzoo.commands"]}
    return [KnownName(kind, name, distribution, version, plugin) for kind, name in sorted(found)]


def _component_names(trees: list[ast.Module]) -> Iterator[tuple[str, str]]:
    """The kind and the name of each class that has a `name` and derives from the base class of a kind."""
    kinds = {kind.base.__name__: kind.name for kind in KINDS}
    classes = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for _ in classes:  # a class may derive from one that comes later
        for node in classes.values():
            bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
            kind = next((kinds[base] for base in bases if base in kinds), "")
            if kind:
                kinds.setdefault(node.name, kind)
    for node in classes.values():
        for line in node.body:
            target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
            value = getattr(line, "value", None)
            is_name = isinstance(target, ast.Name) and target.id == "name" and isinstance(value, ast.Constant)
            if is_name and isinstance(value.value, str) and node.name in kinds:
                yield kinds[node.name], value.value


def _recipe_names(trees: list[ast.Module], tables: list[str]) -> Iterator[tuple[str, str]]:
    """The recipes in the TOML files and in the texts of the source."""
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    texts = [node.value for node in nodes if isinstance(node.value, str) and "[recipes." in node.value]
    for text in [*tables, *texts]:
        try:
            recipes = tomllib.loads(text).get("recipes", {})
        except tomllib.TOMLDecodeError:
            continue
        yield from (("recipe", name) for name in recipes if isinstance(recipes, dict))


def to_text(names: list[KnownName]) -> str:
    """The index as text, one entry a line."""
    keys = ("kind", "name", "distribution", "version", "plugin")
    unique = sorted(set(names), key=lambda known: tuple(getattr(known, key) for key in keys))
    lines = [f"  {json.dumps({key: getattr(known, key) for key in keys})}" for known in unique]
    body = "[\n" + ",\n".join(lines) + "\n ]" if lines else "[]"
    return f'{{\n "format": {FORMAT},\n "entries": {body}\n}}\n'


def main(arguments: list[str], get: Fetch = fetch, index: Path = INDEX_FILE) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("distributions", nargs="*", metavar="DISTRIBUTION")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something is out of date")
    parser.add_argument("--wheel", metavar="FILE", type=Path, help="print the entries of this wheel")
    options = parser.parse_args(arguments)
    if options.wheel:
        distribution, version = options.wheel.name.split("-")[:2]
        print(to_text(names_in_wheel(options.wheel.read_bytes(), distribution.replace("_", "-"), version)), end="")
        return 0
    before = index.read_text("utf-8")
    known = {entry.distribution for entry in read_index(before) if "[" not in entry.distribution}
    names = [entry for entry in read_index(before) if "[" in entry.distribution]  # extras are written by hand
    for distribution in sorted({*known, *options.distributions}):
        names += published_names(distribution, get)
    text = to_text(names)
    if options.check:
        print("up to date" if text == before else f"out of date: run python {Path(__file__).name}")
        return int(text != before)
    index.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
