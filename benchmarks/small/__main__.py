"""A recipe, scikit-learn and fastText on many small data sets.

    python -m benchmarks.small --data FOLDER [--sets NAME,…] [--draws 3] [--recipe text-fast] [--set KEY=VALUE]
    python -m benchmarks.small --files FOLDER            # files NAME-DRAW.csv with the columns text, label and split
    python -m benchmarks.small --data FOLDER --time      # seconds of whole processes

FOLDER has the texts that `benchmarks/small/sets.py` names; sets of generated texts need none of them. Everything is
trained on the training split alone, with settings chosen on the validation split. The peers' results are kept in
`peers.json` of the work folder, beside the files of the sets. Needs the extra `bench`.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.small.files import read_splits, write_set
from benchmarks.small.peers import PEERS
from benchmarks.small.results import (
    KeptResults,
    format_end,
    format_header,
    format_row,
    peer_results,
    recipe_result,
    summarize,
)
from benchmarks.small.sets import SETS
from benchmarks.small.times import print_times


def files_by_name(options: argparse.Namespace) -> dict[str, list[Path]]:
    """Return the files of each set, written if they are missing."""
    wanted = options.sets.split(",") if options.sets else None
    files: dict[str, list[Path]] = defaultdict(list)
    if options.files:
        for path in sorted(options.files.glob("*-[0-9].csv")):
            name, _, draw = path.stem.rpartition("-")
            if int(draw) < options.draws and (wanted is None or name in wanted):
                files[name].append(path)
        return files
    folder = options.work / "sets"
    folder.mkdir(parents=True, exist_ok=True)
    for small in SETS:
        if wanted is None or small.name in wanted:
            files[small.name] = [write_set(small, options.data, draw, folder) for draw in range(options.draws)]
    return files


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Measure every set, print its line as it comes, and return all results."""
    kept = KeptResults(options.work / ("files_peers.json" if options.files else "peers.json"))
    summaries: dict[str, dict[str, float]] = {}
    results: dict[str, list[dict[str, Any]]] = {}
    peers = [peer for peer in PEERS if not options.peers or peer in options.peers.split(",")]
    names = [*peers, options.recipe]
    print(format_header(names), flush=True)
    for name, files in files_by_name(options).items():
        results[name] = [
            {**peer_results(file, kept, peers), options.recipe: recipe_result(file, options.recipe, options.set)}
            for file in files
        ]
        _, labels = read_splits(files[0])["train"]
        summaries[name] = summarize(results[name], options.recipe)
        print(format_row(name, len(labels), len(set(labels)), summaries[name], names), flush=True)
    if summaries:
        print(format_end(summaries))
    return {"recipe": options.recipe, "set": options.set, "summaries": summaries, "results": results}


def main() -> None:
    """Compare, or measure times."""
    parser = argparse.ArgumentParser(description="A recipe and two peers on many small data sets.")
    parser.add_argument("--data", type=Path, help="the folder of texts")
    parser.add_argument("--files", type=Path, help="a folder of files NAME-DRAW.csv instead")
    parser.add_argument("--work", type=Path, default=Path("small-sets"), help="where sets and results are kept")
    parser.add_argument("--sets", help="names, separated by commas; the default is all")
    parser.add_argument("--peers", help=f"the default is {','.join(PEERS)}")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--recipe", default="text-fast")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the recipe")
    parser.add_argument("--time", action="store_true", help="measure whole processes instead")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all results to this file")
    options = parser.parse_args()
    if bool(options.data) == bool(options.files):
        parser.error("give either --data or --files")
    options.work.mkdir(parents=True, exist_ok=True)
    results = print_times(options.recipe, options.set, options.data, options.work) if options.time else compare(options)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
