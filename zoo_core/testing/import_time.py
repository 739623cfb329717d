"""How long the import of a plugin takes, and whether it loads torch: measured in a new process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from zoo_core.child_process import run_python
from zoo_core.plugins.plugin_source import FILE_PREFIX, PluginSource

TIMEOUT_SECONDS = 600
CODE = """
import json, sys, time
sys.path[:] = sys.argv[3:]
import zoo_core.config.zoo as zoo
from zoo_core.plugins.plugin_source import installed_plugins
from zoo_core.plugins.single_file import read_plugin_file
names = json.loads(sys.argv[1])
installed = [source for source in installed_plugins() if [source.plugin, source.distribution] == names]
sources = [read_plugin_file(sys.argv[2], where="")] if sys.argv[2] else installed
start = time.perf_counter()
plugins = zoo.load_plugins(sources)
zoo.build_registry(plugins)
plugins.collect("zoo_recipes")
print("found:" + json.dumps([time.perf_counter() - start, "torch" in sys.modules]))
"""


@frozen
class ImportTime:
    """The seconds that a plugin takes to be imported and to list its components, and whether torch is loaded then."""

    seconds: float
    loads_torch: bool


def measure_import(source: PluginSource) -> ImportTime | None:
    """Load one plugin in a new process, after textzoo; None if that fails."""
    is_file = source.distribution.startswith(FILE_PREFIX)
    file = str(Path(source.distribution.removeprefix(FILE_PREFIX)).absolute()) if is_file else ""
    arguments = ("-c", CODE, json.dumps([source.plugin, source.distribution]), file, *sys.path)
    try:
        process = run_python(*arguments, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    found = process.stdout.rpartition("found:")[2]
    return ImportTime(*json.loads(found)) if process.returncode == 0 and found else None
