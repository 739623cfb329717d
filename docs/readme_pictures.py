"""Record the pictures of README.md: the answer of `zoo swap` and a page of `zoo plot`.

    python docs/readme_pictures.py

Runs the commands in a temporary folder and writes docs/pictures/. Needs a POSIX terminal.
"""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).resolve().parent / "pictures"
COLUMNS = 108
SWAP = "zoo swap yelp-perceptron vectorizer=one-hot,ngrams --folds 5 --run swap"
RUN = "zoo train yelp-perceptron --run run"
PLOT = ["plot", "run", "run", "--force", "-o"]


def record_terminal(command: str, folder: Path) -> str:
    """Run a command on a pseudo-terminal and return what it prints, with its colors."""
    arguments = [sys.executable, "-m", "zoo_cli", *command.split()[1:]]
    main, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    printed = io.BytesIO()
    try:
        while data := os.read(main, 1 << 16):
            printed.write(data)
    except OSError:  # Linux reports the end of a terminal as an error
        pass
    if process.wait():
        raise SystemExit(f"{command}: exit code {process.returncode}")
    return printed.getvalue().decode("utf-8").replace("\r\n", "\n")


def write_svg(command: str, printed: str, path: Path) -> None:
    """Draw a command and what it printed as a terminal window."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(Text.from_ansi(printed.rstrip("\n")))
    path.write_text(console.export_svg(title="textzoo", unique_id="textzoo"), "utf-8", newline="\n")


def main() -> None:
    """Write every picture."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record_terminal(SWAP, folder)  # the second call reads the trials of the first, so no progress is in the picture
        write_svg(SWAP, record_terminal(SWAP, folder), PICTURES / "swap.svg")
        record_terminal(RUN, folder)
        arguments = [sys.executable, "-m", "zoo_cli", *PLOT, str(PICTURES / "run.png")]
        subprocess.run(arguments, cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    main()
