"""`python -m zoo_cli`: the same as `zoo`."""

from zoo_cli.main import main

main()
