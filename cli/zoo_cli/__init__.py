"""The command line: thin commands that parse, call the core, and draw the answer."""

from zoo_cli.process.import_path import remove_empty_entries

remove_empty_entries()  # before other modules are imported from there
