"""Charts made of characters."""

from __future__ import annotations

import pytest

from zoo_cli.plots import terminal


@pytest.mark.parametrize(("variables", "codes"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_color_only_on_terminals_that_support_it(monkeypatch, variables, codes):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    drawn = terminal.draw_chart([terminal.Line("a", [0, 1, 2], [0, 1, 4]), terminal.Line("b", [0, 2], [4, 0])], "x")
    assert ("\x1b[38;5;74m" in drawn) == codes
    assert ("\x1b" in drawn) == codes
