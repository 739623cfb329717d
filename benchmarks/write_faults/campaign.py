"""All faults of one command, what the user does after each, and what must hold in the end."""

from __future__ import annotations

import collections
import shutil

from benchmarks.write_faults.calls import SIGNALS
from benchmarks.write_faults.laboratory import Laboratory, Tree, tree
from benchmarks.write_faults.scenarios import Scenario


class Campaign:
    """All faults of one scenario, and what was wrong."""

    def __init__(self, laboratory: Laboratory, scenario: Scenario) -> None:
        self.laboratory, self.scenario = laboratory, scenario
        self.wrong: list[str] = []
        self.attempts: collections.Counter[str] = collections.Counter()
        laboratory.prepare(scenario)
        self.old = tree(laboratory.before)
        first, self.new = self._undisturbed(), self._undisturbed()
        self.stable = {name for name in self.new if first.get(name) == self.new[name]} - {*scenario.timed}
        self.reference = laboratory.calls()

    def _undisturbed(self) -> Tree:
        self.laboratory.restore(self.laboratory.before)
        code = self.laboratory.run(self.scenario.arguments)
        if code != 0:
            raise SystemExit(f"{self.scenario.name}: exit {code}: {self.laboratory.output.read_text('utf-8')}")
        return tree(self.laboratory.work)

    def attempt(self, kind: str, at: int) -> None:
        """One fault, and what follows from it."""
        laboratory = self.laboratory
        laboratory.restore(laboratory.before)
        code = laboratory.run(self.scenario.arguments, kind, at)
        calls, where = laboratory.calls(), f"{self.scenario.name}, {kind} at {at}"
        where += f" ({calls[at - 1]})" if at <= len(calls) else ""
        output = laboratory.output.read_text("utf-8", errors="replace")
        if kind.startswith("kill"):
            self._check(where, calls, failed=code != 0)
            for image, folder in laboratory.images.items() if kind == "kill-after" else ():
                if folder.exists():
                    laboratory.restore(folder)
                    self._check(f"{where}, {image}", calls)
            return
        expected = (0, 130, 143) if kind in SIGNALS else (0, 7)
        if code not in expected:
            self._report(where, f"exit {code}: {output[-300:]}")
        lines = [line for line in output.splitlines() if "error" in line and not line.startswith("zoo: ")]
        if lines or "unexpected error" in output or "Traceback" in output:
            self._report(where, f"told: {output[-300:]}")
        self._check(where, calls, finished_early=kind in SIGNALS, failed=code != 0)

    def _check(self, where: str, calls: list[str], *, finished_early: bool = False, failed: bool = True) -> None:
        self.attempts[where.partition(" at ")[0].partition(", ")[2] + where.partition("),")[2]] += 1
        laboratory, scenario = self.laboratory, self.scenario
        state = tree(laboratory.work)
        for name in scenario.replaced:
            accepted = [self.old[name], self.new[name]] if name in self.stable else None
            if name not in state or (accepted is not None and state[name] not in accepted) or not state[name]:
                self._report(where, f"{name} is neither old nor new: {state.get(name, b'(gone)')[:60]!r}")
        if not failed:
            self._compare(where, state)
            return
        again, resumed = scenario.again or scenario.arguments, False
        if scenario.run:
            finished = f"{scenario.run}/manifest.json" in state
            resumed = f".{scenario.run}.unfinished/resume.json" in state
            if finished and finished_early:
                self._expect_success(where, ("evaluate", scenario.run, "--json"))
                return
            if finished and not resumed:
                if set(state) - set(self.new):  # of a kill at the very end: the next training beside it tidies up
                    self._expect_success(where, (*scenario.arguments[:-1], "next"))
                    shutil.rmtree(laboratory.work / "next")
                self._compare(where, tree(laboratory.work))
                return
            saved = [
                n
                for n, call in enumerate(calls)
                if call.startswith("rename") and call.endswith("/checkpoint.safetensors")
            ]
            synced = saved and any(
                call.startswith("fsync") and call.endswith(".unfinished") for call in calls[saved[0] :]
            )
            if (synced if "power" in where else saved) and not resumed:
                self._report(where, "a checkpoint was written, and the training cannot be resumed")
            again = ("train", "--resume", scenario.run) if resumed else again
        self._expect_success(where, again)
        self._compare(where, tree(laboratory.work))

    def _expect_success(self, where: str, arguments: tuple[str, ...]) -> None:
        code = self.laboratory.run(arguments)
        if code != 0:
            text = self.laboratory.output.read_text("utf-8", errors="replace")
            self._report(where, f"then zoo {' '.join(arguments[:3])}: exit {code}: {text[-300:]}")

    def _compare(self, where: str, state: Tree) -> None:
        missing, more = sorted(set(self.new) - set(state)), sorted(set(state) - set(self.new))
        changed = sorted(name for name in self.stable & set(state) if state[name] != self.new[name])
        if missing or more or changed:
            self._report(where, f"in the end missing {missing[:4]}, more {more[:4]}, other bytes {changed[:4]}")

    def _report(self, where: str, what: str) -> None:
        self.wrong.append(f"{where}: {what}")
        print(f"WRONG: {where}: {what}", flush=True)
