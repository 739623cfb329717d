"""Draws the diagrams of the tutorial: `python docs/diagrams.py`. Pictures of runs come from `refresh_tutorial.py`."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOCS = Path(__file__).parent
COORDINATES = re.compile(r' (?:d|x|y)="[^"]*"|translate\([^)]*\)')
BLUE, ORANGE, GREEN, GRAY = "#A9CCE8", "#F4C7A1", "#B5DCCB", "#E4E4E4"
ENGLISH = {
    "inputs": "inputs",
    "weights": "weights",
    "bias": "bias",
    "sum": "sum",
    "activation": "activation",
    "output": "output",
    "all rows": "all rows",
    "training": "training\n70 %",
    "validation": "validation\n15 %",
    "test": "test\n15 %",
    "trial": "trial",
    "evaluated": "evaluated",
    "trained": "trained on",
    "test set": "test set",
    "fits": "fits vocabulary and weights",
    "decides": "decides: when to stop, which variant",
    "once": "evaluated once, at the end",
}
KOREAN = {
    "inputs": "입력",
    "weights": "가중치",
    "bias": "편향",
    "sum": "합",
    "activation": "활성화 함수",
    "output": "출력",
    "all rows": "모든 행",
    "training": "훈련\n70 %",
    "validation": "검증\n15 %",
    "test": "테스트\n15 %",
    "trial": "시행",
    "evaluated": "평가",
    "trained": "훈련",
    "test set": "테스트 세트",
    "fits": "어휘 사전과 가중치를 학습",
    "decides": "조기 종료와 비교를 결정",
    "once": "마지막에 한 번만 평가",
}


def perceptron(words: dict[str, str]) -> Figure:
    """A unit: inputs, weights, a sum with a bias, an activation, an output."""
    figure, axes = canvas(6.4, 2.9, (0, 6.4), (0, 2.9))
    heights = (2.1, 1.45, 0.8)
    for number, height in zip("₁₂₃", heights, strict=True):
        circle(axes, 0.7, height, 0.24, f"x{number}", BLUE)
        end = 1.45 + 0.35 * (height - 1.45)
        arrow(axes, (0.94, height), (2.62, end))
        axes.text(1.7, (height + end) / 2 + 0.06, f"w{number}", fontsize=10)
    circle(axes, 3.0, 1.45, 0.38, "Σ", ORANGE)
    arrow(axes, (3.0, 0.5), (3.0, 1.06))
    axes.text(3.0, 0.3, "b", ha="center", fontsize=10)
    arrow(axes, (3.38, 1.45), (4.22, 1.45))
    circle(axes, 4.6, 1.45, 0.38, "f", ORANGE)
    arrow(axes, (4.98, 1.45), (5.56, 1.45))
    circle(axes, 5.8, 1.45, 0.24, "y", GREEN)
    for x, name in ((0.7, "inputs"), (1.75, "weights"), (3.0, "sum"), (4.6, "activation"), (5.8, "output")):
        axes.text(x, 2.6, words[name], ha="center", fontsize=10, fontweight="bold")
    axes.text(3.2, 0.3, words["bias"], fontsize=10)
    axes.text(3.82, 1.55, "w·x + b", ha="center", fontsize=8)
    return figure


def splits(words: dict[str, str]) -> Figure:
    """All rows, divided into three sets, and what each set decides."""
    figure, axes = canvas(6.4, 1.9, (0, 100), (0, 10))
    bar(axes, 0, 100, 7.4, words["all rows"], GRAY)
    for start, share, name, purpose, paint, at, place in (
        (0, 70, "training", "fits", BLUE, 35, "center"),
        (70, 15, "validation", "decides", ORANGE, 84.5, "right"),
        (85, 15, "test", "once", GREEN, 100, "right"),
    ):
        bar(axes, start, share, 3.4, words[name], paint, size=2.8)
        low = 2.6 if name != "test" else 0.9
        axes.text(at, low, words[purpose], ha=place, va="center", fontsize=8.5)
    axes.plot([92.5, 92.5], [1.5, 3.3], color="black", linewidth=0.6)
    return figure


def folds(words: dict[str, str]) -> Figure:
    """Five trials: each trains on four folds and evaluates on the fifth; the test set is in none."""
    figure, axes = canvas(6.4, 2.7, (-14, 101), (0, 13.6))
    for trial in range(5):
        height = 10.6 - 2.1 * trial
        axes.text(-1.5, height + 0.8, f"{words['trial']} {trial + 1}", ha="right", va="center", fontsize=9)
        for fold in range(5):
            is_evaluated = fold == trial
            text = words["evaluated"] if is_evaluated else ""
            bar(axes, fold * 17, 17, height, text, ORANGE if is_evaluated else BLUE, size=1.6)
        bar(axes, 86, 14, height, words["test"].split("\n")[0] if trial == 2 else "", GRAY, size=1.6)
    for x, paint, name in ((0, BLUE, "trained"), (25, ORANGE, "evaluated"), (50, GRAY, "test set")):
        bar(axes, x, 3, 0.2, "", paint, size=1)
        axes.text(x + 4, 0.7, words[name], va="center", fontsize=8.5)
    return figure


def canvas(width: float, height: float, across: tuple[float, float], up: tuple[float, float]) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    axes.set(xlim=across, ylim=up)
    axes.axis("off")
    return figure, axes


def circle(axes: Axes, x: float, y: float, radius: float, text: str, paint: str) -> None:
    axes.add_patch(plt.Circle((x, y), radius, facecolor=paint, edgecolor="black", linewidth=1))
    axes.text(x, y, text, ha="center", va="center", fontsize=13)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 1})


def bar(axes: Axes, x: float, width: float, y: float, text: str, paint: str, *, size: float = 2) -> None:
    axes.barh(y + size / 2, width - 0.4, size, x + 0.2, color=paint, edgecolor="black", linewidth=0.8)
    axes.text(x + width / 2, y + size / 2, text, ha="center", va="center", fontsize=9)


def compact(svg: str) -> str:
    """An SVG with its coordinates rounded to two digits, each path on one line."""
    svg = COORDINATES.sub(lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0]).replace(" \n", " "), svg)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


DIAGRAMS: dict[str, Callable[[dict[str, str]], Figure]] = {"perceptron": perceptron, "splits": splits, "folds": folds}

if __name__ == "__main__":
    matplotlib.use("Agg")
    plt.rcParams.update({"font.family": ["DejaVu Sans", "NanumGothic"], "svg.hashsalt": "textzoo"})
    for folder, words in (("tutorial", ENGLISH), ("tutorial-ko", KOREAN)):
        for name, draw in DIAGRAMS.items():
            figure = draw(words)
            stream = io.StringIO()
            figure.savefig(stream, format="svg", metadata={"Date": None})
            (DOCS / folder / f"{name}.svg").write_text(compact(stream.getvalue()), "utf-8")
            plt.close(figure)
