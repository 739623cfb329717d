"""`python -m zoo_cli`: the same as `zoo`, which does not import from the working folder either."""

from zoo_cli.process.import_path import remove_module_folder

remove_module_folder()

from zoo_cli.process.start import main  # noqa: E402

main()
