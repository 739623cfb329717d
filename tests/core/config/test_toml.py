"""Reading TOML: the line of every key, and limits that are checked before parsing."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.config.toml import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, parse_toml, read_toml
from zoo_core.errors import RecipeError

TEXT = """\
about = "x"  # [not] a "table
optimizer.lr = 0.1

[training]
epochs = 3
text = '''
[no.table]
no = 1
'''
[model]
use = "mlp"
activation = { use = "prelu", init = 0.1 }
hidden = [
  1,  # ]
  2,
]
after = 1
[model.part.deep]
key = 1
[split]
"quoted key" = 1
[training.late]
x = 1
"""
LINES = {
    "about": 1,
    "optimizer": 2,
    "optimizer.lr": 2,
    "training": 4,
    "training.epochs": 5,
    "training.text": 6,
    "model": 10,
    "model.use": 11,
    "model.activation": 12,
    "model.activation.use": 12,
    "model.activation.init": 12,
    "model.hidden": 13,
    "model.after": 17,
    "model.part": 18,
    "model.part.deep": 18,
    "model.part.deep.key": 19,
    "split": 20,
    "split.quoted key": 21,
    "training.late": 22,
    "training.late.x": 23,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_of_every_key(newline, last):
    text = (TEXT if last else TEXT.rstrip("\n")).replace("\n", newline)
    document = parse_toml(text, "f.toml")
    assert document.values == tomllib.loads(TEXT)
    locations = {".".join(path): place for path, place in document.locations.items()}
    assert locations == {path: f"f.toml:{line}" for path, line in LINES.items()}


def test_inline_tables_over_several_lines():
    document = parse_toml("a = 1\nb = [\n {x = 1},\n {y = 2},\n]\nc = { z = 1 }\n", "f")
    assert document.locations[("b",)] == "f:2"
    assert document.locations[("c", "z")] == "f:6"


names = st.integers(0, 10**9).map(lambda n: f"k{n}x")
trees = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text(), st.lists(st.integers())),
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(names, trees, max_size=5))
def test_line_of_every_key_in_random_documents(tree):
    text = tomlkit.dumps(tree)
    document = parse_toml(text, "f")
    assert document.values == tree
    lines = text.split("\n")

    def walk(node, path):
        for key, value in node.items():
            at = (*path, key)
            assert at in document.locations or value == {}
            if at in document.locations:
                assert key in lines[int(document.locations[at].rpartition(":")[2]) - 1]
            if isinstance(value, dict):
                walk(value, at)

    walk(tree, ())


def rejected(text: str) -> str:
    with pytest.raises(RecipeError) as caught:
        parse_toml(text, "f.toml")
    assert caught.value.exit_code == 2
    return str(caught.value)


def nested(depth: int) -> dict[str, str]:
    dotted = ".".join("a" * depth)
    return {
        "lists": "ok = 1\nx = " + "[" * depth + "]" * depth,
        "lists over lines": "ok = 1\nx = " + "[\n" * depth + "]\n" * depth,
        "inline tables": "ok = 1\n" + "x = { " * depth + " " + "}" * depth,
        "dotted key": f"ok = 1\n{dotted} = 1",
        "table header": f"ok = 1\n[{dotted}]",
        "quoted parts": "ok = 1\n" + ".".join(['"a"'] * depth) + " = 1",
        "spaced parts": "ok = 1\n" + " . ".join("a" * depth) + " = 1",
    }


@pytest.mark.parametrize("shape", sorted(nested(1)))
def test_depth_limit(shape):
    assert "levels deep" in rejected(nested(MAX_DEPTH + 2)[shape])
    assert "f.toml:" in rejected(nested(MAX_DEPTH + 2)[shape])
    parse_toml(nested(MAX_DEPTH - 2)[shape], "f.toml")


def test_extreme_depth_is_rejected_without_recursion():
    for text in nested(50_000).values():
        assert "levels deep" in rejected(text[:MAX_BYTES])


def test_brackets_in_strings_and_comments_are_not_depth():
    brackets = "[" * 200
    text = f"a = '{brackets}'\nb = \"\\\"{brackets}\"\n# {brackets}\nc = '''\n{brackets}\n'''\nd = [{'1.5, ' * 200}]\n"
    text += "".join(f"[t{n}.x]\ny = [[1.5]]\n" for n in range(200))
    assert parse_toml(text, "f").values["a"] == brackets


def test_size_limit(tmp_path):
    path = tmp_path / "f.toml"
    path.write_bytes(b"#" * MAX_BYTES)
    assert read_toml(path).values == {}
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(RecipeError, match="larger than 256 KiB"):
        read_toml(path)
    path.write_bytes(b"#" + "é".encode() * (MAX_BYTES // 2))
    with pytest.raises(RecipeError, match="larger than 256 KiB"):
        read_toml(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \nc = 1\n", 2),
        ("a = 1\r\nb = \r\n", 2),
        ("a = 1\na = 2\n", 2),
        ("[a]\n[b]\n[a]\n", 3),
        ("a = 1\n\nnonsense\n", 3),
        ("a = [1, 2\nb = 3\n", 2),
        ("a = 1\nb = { x = 1, x = 2 }\n", 2),
        ("a = 1\na.b = 2\n", 2),
        ("a.b = 1\n[a]\n", 2),
        ("a = 1\nb = 2026-13-45\n", 2),
        ("a = 1\nb = '\x01'\n", 2),
    ],
)
def test_syntax_errors(text, line):
    assert rejected(text).startswith(f"f.toml:{line}: invalid TOML")


pieces = st.sampled_from(
    [*"[]{}=.,\"'\n ab1_#\\-:\t\r", "[[a]]\n", "[a.b]\n", "a.b = 1\n", "b = { c = 1 }\n", "'''", '"""']
)


@given(st.lists(pieces, max_size=14).map("".join))
def test_any_text_is_read_or_rejected(text):
    try:
        assert parse_toml(text, "f").values == tomllib.loads(text.replace("\r\n", "\n"))
    except RecipeError as error:
        assert str(error).startswith("f:")


MANY = {
    "keys": "".join(f"k{n} = 1\n" for n in range(MAX_ITEMS + 1)),
    "dotted keys": "".join(f"a.b.c.k{n} = 1\n" for n in range(MAX_ITEMS + 1)),
    "tables": "".join(f"[t{n}]\n" for n in range(MAX_ITEMS + 1)),
    "tables of a list": "[[a]]\n" * (MAX_ITEMS + 1),
    "items": f"a = [{'1, ' * (MAX_ITEMS + 1)}]\n",
    "inline tables": f"a = [{'{}, ' * (MAX_ITEMS + 1)}]\n",
}


@pytest.mark.parametrize("shape", MANY)
def test_item_count(shape):
    assert rejected(MANY[shape]) == f"f.toml: more than {MAX_ITEMS} keys and items"


@pytest.mark.parametrize(
    "text", ["a = 1\nb = " + "9" * 5000, "a = 1\nb = -" + "9_9" * 3000, "a = 1\nb = [" + "1" * 200_000 + "]"]
)
def test_rejects_huge_numbers(text):
    assert rejected(text) == "f.toml:2: invalid TOML: a number with thousands of digits"


def test_accepts_text_that_looks_like_a_huge_number():
    assert len(parse_toml(f"a = '{'9' * 5000}'\nb = 0x{'f' * 5000}\n", "f").values["a"]) == 5000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_rejects_other_encodings(tmp_path, encoding):
    path = tmp_path / "f.toml"
    path.write_bytes("[training]\nepochs = 1\n".encode(encoding))
    with pytest.raises(RecipeError) as caught:
        read_toml(path)
    assert str(caught.value) == f"{path}:1: not a text in UTF-8 (hint: save it as UTF-8)"


def test_zero_byte_is_reported_with_its_line(tmp_path):
    path = tmp_path / "f.toml"
    path.write_bytes(b"a = 1\nb = '\0'\n")
    with pytest.raises(RecipeError, match="not a text") as caught:
        read_toml(path)
    assert str(caught.value).startswith(f"{path}:2: ")


def test_unterminated_string_names_the_file():
    assert rejected('a = "x').startswith("f.toml")
    assert rejected("a = '''x\n\n").startswith("f.toml")


def test_read_toml(tmp_path):
    path = tmp_path / "f.toml"
    with pytest.raises(RecipeError, match="no such file"):
        read_toml(path)
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n[b]\r\nc = 'caf\xc3\xa9'\r\n")
    document = read_toml(path)
    assert document.values == {"a": 1, "b": {"c": "café"}}
    assert document.locations[("b", "c")] == f"{path}:3"
    path.write_bytes(b"a = 1\nb = '\xe9'\n")
    with pytest.raises(RecipeError, match="invalid UTF-8") as caught:
        read_toml(path)
    assert str(caught.value).startswith(f"{path}:2")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a = { b = 1, größe = 2 }", "größe"),
        ("Über = 2", "Über"),
        ("a = 1\nPreis (€) = 3", "Preis (€)"),
        ("[größe]", "größe"),
        ("epochs 5", ""),
        ("a.b = x", ""),
    ],
)
def test_a_key_that_needs_quotes_is_named(text, key):
    assert rejected(text).partition(" (hint: ")[2] == (f'put the key in quotes: "{key}")' if key else "")
