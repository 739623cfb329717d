"""The folders in which commands run and are disturbed, each in a forked process, so that nothing is imported twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from benchmarks.write_faults.calls import Faults
from benchmarks.write_faults.disk import Disk
from benchmarks.write_faults.scenarios import FILES, Scenario, reviews

Tree = dict[str, bytes]


class Laboratory:
    """The folders of all attempts: `before` and `work`, and two images of the disk after a power loss."""

    def __init__(self, root: Path) -> None:
        self.before, self.work, self.log = root / "before", root / "work", root / "calls.json"
        self.images = {"power loss": root / "image-1", "power loss, names kept": root / "image-2"}
        self.output = root / "output.txt"

    def prepare(self, scenario: Scenario) -> None:
        """Build the folder that every attempt begins with."""
        shutil.rmtree(self.before, ignore_errors=True)
        self.before.mkdir()
        for name, content in {"reviews.csv": reviews(), **FILES}.items():
            (self.before / name).parent.mkdir(exist_ok=True)
            (self.before / name).write_text(content, "utf-8")
        self.restore(self.before)
        for arguments in scenario.setup:
            if self.run(arguments) != 0:
                raise SystemExit(f"{' '.join(arguments)}: {self.output.read_text('utf-8')}")
        shutil.rmtree(self.before)
        shutil.copytree(self.work, self.before, symlinks=True)

    def restore(self, source: Path) -> None:
        """Put a copy of a folder at the place where commands run."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(source, self.work, symlinks=True)

    def run(self, arguments: tuple[str, ...], kind: str = "", at: int = 0) -> int:
        """Run a command in a forked process, with one fault; return its exit code, or minus the signal."""
        for path in (self.log, self.output):
            path.unlink(missing_ok=True)
        for folder in self.images.values():
            shutil.rmtree(folder, ignore_errors=True)
        pid = os.fork()
        if pid == 0:
            self._child(arguments, kind, at)
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status)

    def calls(self) -> list[str]:
        """The calls of the last command."""
        return list(json.loads(self.log.read_text("utf-8"))) if self.log.exists() else []

    def _child(self, arguments: tuple[str, ...], kind: str, at: int) -> None:
        from zoo_cli.main import main

        os.chdir(self.work)
        settings = self.work / "config" / "zoo.toml"
        os.environ["ZOO_CONFIG"] = str(settings) if settings.exists() or arguments[0] == "plugins" else os.devnull
        handle = os.open(self.output, os.O_CREAT | os.O_WRONLY, 0o600)
        for stream in (1, 2):
            os.dup2(handle, stream)
        disk = Disk(self.work)
        names = {"open": io_open, "kill": os.kill}
        faults = Faults(self.work, kind, at, observer=disk, kill=lambda: None)

        def note() -> None:
            with names["open"](self.log, "w", encoding="utf-8") as stream:  # type: ignore[operator]
                json.dump(faults.log, stream)

        def kill() -> None:
            faults.at = 0
            faults.root = "\0"  # no call below is counted
            note()
            for image, target in self.images.items():
                disk.write_image(target, names_survive="names" in image)
            os.kill(os.getpid(), signal.SIGKILL)

        faults.kill = kill
        faults.install()
        sys.argv = ["zoo", *arguments]
        code = 1
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        finally:
            faults.root = "\0"
            note()
            os._exit(code)


io_open = open


def tree(folder: Path) -> Tree:
    """Every file of a folder; links by their target."""
    found: Tree = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            found[str(path.relative_to(folder))] = (
                str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            )
    return found
