"""The entry point of `zoo`: it handles Ctrl-C before it imports the command line."""

from __future__ import annotations

from typing import NoReturn

from zoo_cli.process import interrupts, process_end


def main() -> NoReturn:
    """Import and run the command line; exits with the exit code of the command."""
    interrupts.handle_start()
    process_end.register_end()
    try:
        from zoo_cli.main import main as run_main

        run_main()
    except KeyboardInterrupt:  # raised between two handlers
        interrupts.exit_interrupted()
