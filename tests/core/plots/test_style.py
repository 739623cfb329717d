"""The style of plots."""

from __future__ import annotations

from zoo_core.config.structure import build_component
from zoo_core.evaluation.component_curves import loss_curve
from zoo_core.plots import style
from zoo_core.plots.component_curves import plot_losses
from zoo_core.plots.fonts import FontCoverage


def test_line_styles_differ():
    looks = [style.line_style(position) for position in range(7)]
    assert len({one["color"] for one in looks}) == len({str(one["linestyle"]) for one in looks}) == 7


def test_user_settings_of_matplotlib_have_no_effect(registry, tmp_path):
    import matplotlib

    curve = loss_curve(registry, build_component(registry, "loss", "mse"))

    def save(name):
        with style.plot_style():
            style.save_figure(plot_losses([curve], FontCoverage((), frozenset())), str(tmp_path / name))
        return (tmp_path / name).read_bytes()

    plain = save("one.svg")
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30}):
        assert save("two.svg") == plain
        assert matplotlib.rcParams["lines.linewidth"] == 9
