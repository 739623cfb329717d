"""Lines of keys in TOML: of every form of key, and in time proportional to the length of the text."""

from __future__ import annotations

import pytest

from tests.limits import cpu_ratio
from zoo_core.config.key_lines import key_lines
from zoo_core.config.toml import MAX_BYTES, edit_toml, parse_toml
from zoo_core.errors import RecipeError

TEXT_LINES = [
    "a.b = 1",
    "[x] # c",
    '  y = {p = 1, q = {r = 2, "s.t" = [ {z = 1}, 2 ]}}',
    '\'k k\' . "é\\u0041" = """multi',
    'line "" = "quoted" \\""" x """"',
    "s = '''",
    "[no] # table",
    "'x' ''''",
    "[[list]]",
    "n = 1",
    "[list.below]",
    "[ w . v ]",
    "arr = [ # ]",
    "  \"a]\", 'b',",
    "  [1, 2],",
    "]",
    "e = 1979-05-27T07:32:00Z # t",
    "[w]",
    "",
]
LINES = {
    **{("a",): 1, ("a", "b"): 1, ("x",): 2, ("x", "y"): 3, ("x", "y", "p"): 3, ("x", "y", "q"): 3},
    **{("x", "y", "q", "r"): 3, ("x", "y", "q", "s.t"): 3, ("x", "k k"): 4, ("x", "k k", "éA"): 4, ("x", "s"): 6},
    **{("list",): 9, ("w",): 12, ("w", "v"): 12, ("w", "v", "arr"): 13, ("w", "v", "e"): 17},
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_keys(end):
    text = end.join(TEXT_LINES)
    assert key_lines(text) == LINES
    assert parse_toml(text, "a.toml").locations["w", "v", "e"] == "a.toml:17"
    for empty in ("", "\n", "# c", " \t"):
        assert key_lines(empty) == {}


DEEP = "".join(f"[a{'.a' * (number % 28)}.k{number}]\n" for number in range(1500))
DOTTED = "".join(f"a.b.k{number}=1\n" for number in range(4000))


@pytest.mark.parametrize(
    "text",
    [DEEP, "#\n" * 130_000, "\n" * 260_000, "a=[" + "#\n" * 130_000 + "]", DOTTED],
    ids=["deep tables", "comments", "blank lines", "comments in a list", "dotted keys"],
)
def test_no_text_takes_long(text):
    assert len(text) <= MAX_BYTES
    plain = "".join(f"k{number} = '{'x' * 50}'\n" for number in range(4000))
    assert cpu_ratio(lambda: parse_toml(text, "a.toml"), lambda: parse_toml(plain, "b.toml")) < 30


def test_an_edit_of_deep_tables_is_refused():
    with pytest.raises(RecipeError, match=r"a\.toml: more than 50 tables nested more than 5 levels deep"):
        edit_toml(DEEP, lambda _document: None, "a.toml")
    some = "".join(DEEP.splitlines(keepends=True)[:30])
    assert edit_toml(some, lambda _document: None, "a.toml") == some
