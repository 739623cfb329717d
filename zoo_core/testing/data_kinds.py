"""What vectorizers, readers and tasks promise."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any, cast

import polars as pl
import safetensors.torch
import torch
from torch import Tensor

from zoo_core.contracts import Reader, Task, Vectorizer
from zoo_core.errors import DataError
from zoo_core.features import Bag, Dense, Sequence
from zoo_core.protocols import Encoder
from zoo_core.table import Table
from zoo_core.testing.cases import Subject, check, skip
from zoo_core.testing.examples import TEXTS, readings, training_readings
from zoo_core.tokens import tokenised

Encoded = Bag | Sequence | Dense


def fitted(subject: Subject) -> Encoder:
    """The vectorizer fitted on the small training split."""
    part = cast(Vectorizer, subject.part)
    column, labels = training_readings(part.takes)
    return part.fit(tokenised(column, part.cut), labels)


def asked(subject: Subject) -> pl.Series:
    """Texts that the vectorizer is asked for."""
    return readings(cast(Vectorizer, subject.part).takes)


def encoded(subject: Subject, encoder: Encoder, column: pl.Series) -> Encoded:
    """Texts through the vectorizer's tokens and an encoder."""
    return encoder.transform(tokenised(column, cast(Vectorizer, subject.part).cut))


def parts_of(features: Encoded) -> dict[str, Tensor]:
    """The tensors of features; a Bag without weights has ones."""
    named = {name: getattr(features, name, None) for name in ("ids", "offsets", "values")}
    if isinstance(features, Bag):
        named["values"] = features.values()
    return {name: value for name, value in named.items() if isinstance(value, Tensor)}


def same(one: Encoded, two: Encoded) -> None:
    """Fail where two sets of features differ."""
    assert type(one) is type(two)
    left, right = parts_of(one), parts_of(two)
    assert left.keys() == right.keys()
    for name, value in left.items():
        torch.testing.assert_close(value, right[name])


@check("vectorizer", "the model is chosen by the layout, and built for the width")
def emits_what_it_declares(subject: Subject) -> None:
    encoder = fitted(subject)
    found = encoded(subject, encoder, asked(subject))
    assert found.layout == cast(Vectorizer, subject.part).emits
    assert len(found) == len(asked(subject)), "a row went missing"
    assert encoder.num_features >= 1
    if not isinstance(found, Dense):
        assert found.width == encoder.num_features
        assert len(found.ids) == 0 or 0 <= int(found.ids.min()) <= int(found.ids.max()) < found.width
        assert found.ids.dtype == torch.int32 and found.offsets.dtype == torch.int64


@check("vectorizer", "a prediction for one text is the one it gets among many")
def batch_equals_rows(subject: Subject) -> None:
    encoder = fitted(subject)
    whole = encoded(subject, encoder, asked(subject))
    for row in range(len(whole)):
        same(whole.slice(row, row + 1), encoded(subject, encoder, asked(subject).slice(row, 1)))


@check("vectorizer", "a text may be empty, or hold words never seen")
def empty_and_unknown_texts(subject: Subject) -> None:
    strange = pl.Series("text", ["", "zyzzyva qwertyish"], dtype=pl.String)
    if cast(Vectorizer, subject.part).takes == "numbers":
        for row in range(len(strange)):
            with contextlib.suppress(DataError):
                encoded(subject, fitted(subject), strange.slice(row, 1))
                raise AssertionError(f'"{strange[row]}" was taken for numbers')
        return
    found = encoded(subject, fitted(subject), strange)
    assert len(found) == 2
    for value in parts_of(found).values():
        assert torch.isfinite(value.double()).all()


@check("vectorizer", "a run is asked by an encoder that was read from its folder")
def state_saved_and_loaded(subject: Subject) -> None:
    encoder = fitted(subject)
    state = encoder.state()
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    plain = json.loads(json.dumps({name: value for name, value in state.items() if name not in tensors}))
    loaded: dict[str, Any] = {**plain, **safetensors.torch.load(safetensors.torch.save(tensors))}
    other = cast(Vectorizer, subject.part).restore(loaded)
    assert other.num_features == encoder.num_features and other.names() == encoder.names()
    same(encoded(subject, encoder, asked(subject)), encoded(subject, other, asked(subject)))


@check("vectorizer", "the state comes from a file, and a file may say anything")
def refuses_a_strange_state(subject: Subject) -> None:
    known = fitted(subject).state()
    if not known:
        skip("it keeps no state")
    for strange in ({}, dict.fromkeys(known, 7)):
        try:
            cast(Vectorizer, subject.part).restore(strange)
        except (KeyError, TypeError, ValueError):
            continue
        raise AssertionError(f"it was restored from {strange}")


@check("vectorizer", "only the training split may teach it")
def transform_teaches_nothing(subject: Subject) -> None:
    encoder = fitted(subject)
    before = json.dumps({k: str(v) for k, v in encoder.state().items()})
    encoded(subject, encoder, asked(subject))
    assert json.dumps({k: str(v) for k, v in encoder.state().items()}) == before
    same(encoded(subject, encoder, asked(subject)), encoded(subject, fitted(subject), asked(subject)))


@check("vectorizer", "explanations name the features")
def names_every_feature(subject: Subject) -> None:
    if not cast(Vectorizer, subject.part).readable:
        skip("it says that its features have no names")
    encoder = fitted(subject)
    assert len(encoder.names()) == encoder.num_features
    assert len(set(encoder.names())) == encoder.num_features, "two features have one name"


@check("vectorizer", "a state is kept as tensors and JSON, never pickled")
def state_is_plain(subject: Subject) -> None:
    for name, value in fitted(subject).state().items():
        listed = isinstance(value, list) and all(isinstance(one, str) for one in value)
        plain = isinstance(value, Tensor | int | float | str)
        assert isinstance(name, str) and (listed or plain), f"{name} is {type(value).__name__}"


@check("vectorizer", "training takes the short cut, prediction does not")
def fit_transform_is_fit_and_transform(subject: Subject) -> None:
    part = cast(Vectorizer, subject.part)
    column, labels = training_readings(part.takes)
    encoder, features = part.fit_transform(tokenised(column, part.cut), labels)
    same(features, encoded(subject, fitted(subject), column))
    same(features, encoded(subject, encoder, column))


@check("reader", "every file is shown to every reader")
def sniffs_anything(subject: Subject) -> None:
    for head in (b"", b"\n", b'"', b"a,b\n1,2\n", b"a\tb\n", "é".encode(), bytes(range(1, 128))):
        assert isinstance(cast(Reader, subject.part).sniff(head), bool)


@check("reader", "columns are strings without holes, or the fault is told")
def reads_strings_or_tells(subject: Subject) -> None:
    for data in (b"text,label\nNA,1\n,2\n", b'"1","good"\n"2","bad"\n', b"text\tlabel\nnull\t1\n", b'"', b"x"):
        try:
            frame = cast(Reader, subject.part).read(io.BytesIO(data))
        except DataError:
            continue
        assert all(dtype == pl.String for dtype in frame.dtypes), frame.schema
        assert frame.null_count().sum_horizontal().sum() == 0


PAGES = (
    b'text,label\n"two\nlines",1\n\nNA,2\n"a ""b""",3\n',
    b"text\tlabel\nnull\t1\n\t2\n",
    b'{"text": "a", "n": 1}\n\n{"n": 2, "text": "b"}\n',
    b"__label__a good\n\n__label__b bad\n",
)


@check("reader", "predictions read a file in pieces, and no row may be lost between two")
def pieces_are_the_whole(subject: Subject) -> None:
    part, tried = cast(Reader, subject.part), False
    for data in PAGES:
        try:
            rows = part.read(io.BytesIO(data))
        except DataError:
            continue
        lines = [part.line(io.BytesIO(data), row) for row in range(rows.height)]
        for size in range(1, len(data)):
            heading, end = part.whole(data[:size])
            assert 0 <= heading <= end <= size, f"{end} of {size} bytes are whole rows, {heading} the heading"
            if end > heading:
                tried = True
                own = part.read(io.BytesIO(data[:heading])).height if heading else 0
                rest, before = data[:heading] + data[end:], data.count(b"\n", heading, end)
                first, second = part.read(io.BytesIO(data[:end])), part.read(io.BytesIO(rest))
                assert pl.concat([first, second.slice(own)]).equals(rows), f"rows read otherwise from byte {end} on"
                told = [part.line(io.BytesIO(rest), row) + before for row in range(own, second.height)]
                assert told == lines[first.height :], f"lines told otherwise from byte {end} on"
    if not tried:
        skip("it does not tell where rows end, so a file is read at once")


@check("task", "rows in, rows out: a lost row shifts every label after it")
def normalises_row_for_row(subject: Subject) -> None:
    odd = [*TEXTS, "  spaced  ", "NA", "null", "Ünïcode ☕ 名前", "a\nb", "x" * 5000]
    made = cast(Task, subject.part).normalise(pl.Series("text", odd, dtype=pl.String))
    assert len(made) == len(odd) and made.dtype == pl.String and made.null_count() == 0
    single = [cast(Task, subject.part).normalise(pl.Series("text", [text]))[0] for text in odd]
    assert made.to_list() == single, "a text is made plain differently among others"


@check("task", "an example that cannot be read is none")
def reads_its_own_sample(subject: Subject) -> None:
    part = cast(Task, subject.part)
    if not part.has_sample:
        skip("it brings no sample")
    frame = part.sample(rows=60, seed=3)
    found = part.read(Table(frame, "sample"))
    assert frame.height == len(found.texts) + sum(found.dropped.values()) == 60
    assert len(found.labels) == len(found.texts) and found.labels.n_unique() >= 2
    assert part.sample(rows=60, seed=3).equals(frame), "the same seed gave another sample"
    assert part.texts(Table(frame, "sample")).len() == 60


@check("task", "a file has columns that are nobody's business")
def reads_only_its_own_columns(subject: Subject) -> None:
    part = cast(Task, subject.part)
    if not part.has_sample:
        skip("it brings no sample")
    frame = part.sample(rows=60, seed=3)
    plain, wide = part.read(Table(frame, "s")), part.read(Table(frame.with_columns(zyzzyva=pl.lit("x")), "s"))
    assert plain.texts.equals(wide.texts) and plain.labels.equals(wide.labels), "a strange column changes what is read"


@check("task", "a wrong column is the user's commonest mistake")
def tells_of_a_missing_column(subject: Subject) -> None:
    table = Table(pl.DataFrame({"nothing": ["x"], "useful": ["y"]}), "file.csv")
    try:
        cast(Task, subject.part).read(table)
    except DataError as error:
        assert "file.csv" in str(error)
        return
    raise AssertionError("a table without its columns was read")
