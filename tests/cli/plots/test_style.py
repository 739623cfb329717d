"""The style of plots."""

from __future__ import annotations

from pathlib import Path

from zoo_cli.plots import style


def test_line_styles_differ():
    looks = [style.line_style(position) for position in range(7)]
    assert len({one["color"] for one in looks}) == len({str(one["linestyle"]) for one in looks}) == 7


def test_user_settings_of_matplotlib_have_no_effect(zoo):
    import matplotlib

    assert zoo("plot", "loss", "mse", "-o", "one.svg").code == 0
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30}):
        assert zoo("plot", "loss", "mse", "-o", "two.svg").code == 0
        assert matplotlib.rcParams["lines.linewidth"] == 9
    assert Path("one.svg").read_bytes() == Path("two.svg").read_bytes()
