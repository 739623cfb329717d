"""Fault each write of each writing command, and check that nothing is lost.

    python -m benchmarks.write_faults [--scenario NAME] [--kind KIND] [--every N]

Faults: the process is killed; the power fails (only what was synced is left, with and without names of files);
SIGINT and SIGTERM; ENOSPC, EIO, EDQUOT and EROFS. After each the user goes on, with `zoo train --resume` or with the
same command again, and the folder must end as after an undisturbed command. Linux only.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from benchmarks.write_faults.calls import ERRORS, SIGNALS
from benchmarks.write_faults.campaign import Campaign
from benchmarks.write_faults.laboratory import Laboratory
from benchmarks.write_faults.scenarios import SCENARIOS

KINDS = ("kill-before", "kill-after", *SIGNALS, *ERRORS, *(f"{name} from then on" for name in ("ENOSPC", "EROFS")))
PRELOADED = (
    *("matplotlib.figure", "zoo_cli.commands.train", "zoo_core.plots.run_page"),
    *("zoo_core.experiments.execution", "zoo_core.training.pipeline"),
)


def main() -> None:
    """Print what was wrong, and the number of faults of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scenario", choices=[scenario.name for scenario in SCENARIOS])
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="fault every N-th call only")
    options = parser.parse_args()
    for module in PRELOADED:
        import_module(module)
    gc.freeze()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder))
        for scenario in SCENARIOS:
            if options.scenario not in (None, scenario.name):
                continue
            started = time.perf_counter()
            campaign = Campaign(laboratory, scenario)
            for kind in [options.kind] if options.kind else KINDS:
                for at in range(1, len(campaign.reference) + 1, options.every):
                    campaign.attempt(kind, at)
            wrong += len(campaign.wrong)
            seconds = time.perf_counter() - started
            counts = f"{len(campaign.reference)} calls, {sum(campaign.attempts.values())} faults"
            print(f"{scenario.name}: {counts}, {len(campaign.wrong)} wrong, {seconds:.0f} s", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
