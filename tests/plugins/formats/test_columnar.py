"""Parquet and Arrow: decoded in a child process within limits; columns of other types are named only if asked for."""

from __future__ import annotations

import datetime
import io
import os
import signal

import polars as pl
import pytest

from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.files.columnar import DECODER
from zoo_core.data.files.columnar_child import Refused, attempt
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError
from zoo_formats.columnar_readers import Arrow, Parquet
from zoo_textbook.tasks.text_classification import TextClassification

FRAME = pl.DataFrame({"text": ["a", None], "label": [1, 2]})
WRITERS = {"Parquet": "write_parquet", "Arrow": "write_ipc", "Arrow stream": "write_ipc_stream"}
OTHER_COLUMNS = {
    "took": pl.lit(datetime.timedelta(1)),
    "tags": pl.lit([["x"]]).list.first(),
    "image": pl.lit(b"\xff"),
    "pair": pl.struct(pl.lit(1).alias("a")),
    "extension": pl.lit("x").ext.to(pl.Extension("an-extension", pl.String, None)),
}


def written(kind, frame=FRAME, **options):
    stream = io.BytesIO()
    getattr(frame, WRITERS[kind])(stream, **options)
    return stream.getvalue()


def reader_of(kind):
    return Parquet() if kind == "Parquet" else Arrow()


@pytest.mark.parametrize("kind", WRITERS)
def test_reads_columns_of_text_and_leaves_out_others(registry, tmp_path, kind):
    (tmp_path / "data").write_bytes(written(kind, FRAME.with_columns(**OTHER_COLUMNS)))
    table = read_table(tmp_path / "data", registry)
    assert table.frame.rows(named=True) == [{"text": "a", "label": "1"}, {"text": "", "label": "2"}]
    assert list(table.unread) == list(OTHER_COLUMNS)
    with pytest.raises(DataError, match='column "took" has the unsupported type Duration'):
        table.column("took", setting="task.text")
    with pytest.raises(DataError, match='column "took" has the unsupported type Duration'):
        reader_of(kind).read(io.BytesIO((tmp_path / "data").read_bytes()))


@pytest.mark.parametrize("kind", WRITERS)
def test_names_the_types_of_a_file_without_texts(registry, tmp_path, kind):
    (tmp_path / "data").write_bytes(written(kind, FRAME.select(tags=pl.lit([["x"]]).list.first())))
    with pytest.raises(DataError, match=r'data: no column of texts or numbers: "tags" has the unsupported type List'):
        read_table(tmp_path / "data", registry)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("ZOO_MAX_ROWS", r"file has 2 rows, more than 1 \(hint: if that is intended, set ZOO_MAX_ROWS=2\)"),
        ("ZOO_MAX_COLUMNS", r"file has 2 columns, more than 1 \(hint: if that is intended, set ZOO_MAX_COLUMNS=2\)"),
        ("ZOO_MAX_MIB", r"file takes more than 1 MiB of memory \(hint: if that is intended, set ZOO_MAX_MIB=2\)"),
    ],
)
def test_rejects_what_exceeds_a_limit(monkeypatch, kind, variable, message):
    frame = FRAME if variable != "ZOO_MAX_MIB" else pl.DataFrame({"text": ["a" * 9000] * 200})
    monkeypatch.setenv(variable, "1")
    with pytest.raises(DataError, match=message):
        reader_of(kind).read(io.BytesIO(written(kind, frame)))
    monkeypatch.setenv(variable, "2")
    assert reader_of(kind).read(io.BytesIO(written(kind, frame))).height == frame.height


def test_rows_are_paid_for_only_within_the_limit(monkeypatch):
    monkeypatch.setenv("ZOO_MAX_MIB", "1")
    frame = pl.DataFrame({"number": pl.repeat(7, 2_000_000, eager=True)})  # few bytes in the file
    with pytest.raises(DataError, match="takes more than 1 MiB of memory"):
        Parquet().read(io.BytesIO(written("Parquet", frame)))


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="an idle process ends itself by SIGALRM")
@pytest.mark.parametrize("number", ["SIGALRM", "SIGKILL"])
def test_a_new_process_follows_one_that_ended(number):
    data = written("Parquet")
    Parquet().read(io.BytesIO(data))
    os.kill(DECODER._process.pid, getattr(signal, number))
    DECODER._process.wait()
    assert Parquet().read(io.BytesIO(data)).height == 2


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="the limit is a signal")
@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("SIGABRT", r"damaged Parquet file: its decoder ends with exit code -6"),
        ("SIGXCPU", "decoding takes longer than"),
    ],
)
def test_a_process_that_ends_while_it_decodes_is_a_damaged_file(monkeypatch, number, message):
    ended = DECODER._started()
    monkeypatch.setattr(DECODER, "_started", lambda: ended)
    os.kill(ended.pid, getattr(signal, number))
    with pytest.raises(DataError, match=message):
        DECODER.decode(b"", "Parquet")
    monkeypatch.undo()
    assert Parquet().read(io.BytesIO(written("Parquet"))).height == 2


@pytest.mark.parametrize("kind", WRITERS)
def test_any_changed_byte_is_read_or_rejected(kind):
    data = written(kind, FRAME, compression="uncompressed")
    for at in range(0, len(data), 1 + len(data) // 60):
        changed = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        try:
            reader_of(kind).read(io.BytesIO(changed))
        except DataError as error:
            assert any(word in str(error) for word in ("damaged", "unsupported", "of memory", "no column"))


def test_an_invalid_limit_is_reported(monkeypatch):
    monkeypatch.setenv("ZOO_MAX_ROWS", "-1")
    with pytest.raises(Exception, match='ZOO_MAX_ROWS: got "-1", expected a positive whole number'):
        Parquet().read(io.BytesIO(written("Parquet")))


@pytest.mark.parametrize("kind", WRITERS)
def test_reads_only_the_columns_that_are_named(registry, tmp_path, kind):
    (tmp_path / "data").write_bytes(written(kind, FRAME.with_columns(**OTHER_COLUMNS)))
    reader = "{ use = 'parquet', columns = ['label'] }".replace("parquet", reader_of(kind).name)
    assert read_table(tmp_path / "data", registry, reader=reader).frame.columns == ["label"]
    with pytest.raises(DataError, match='missing column "labels"'):
        read_table(tmp_path / "data", registry, reader=reader.replace("label", "labels"))
    with pytest.raises(DataError, match='no column of texts or numbers: "took" has the unsupported type Duration'):
        read_table(tmp_path / "data", registry, reader=reader.replace("label", "took"))


@pytest.mark.parametrize("kind", WRITERS)
def test_decodes_only_the_columns_that_the_task_uses(registry, tmp_path, kind, monkeypatch):
    monkeypatch.setenv("ZOO_MAX_MIB", "1")
    rows = pl.DataFrame({"page": ["x" * 1000] * 5000, "text": ["a"] * 5000, "label": ["b", "c"] * 2500})
    (tmp_path / "data").write_bytes(written(kind, rows, compression="uncompressed" if kind != "Parquet" else "zstd"))
    with pytest.raises(DataError, match="takes more than"):
        read_table(tmp_path / "data", registry)
    table = read_table(tmp_path / "data", registry, choose=columns_of(TextClassification()))
    assert table.frame.columns == ["text", "label"]
    assert table.names == ["page", "text", "label"]


def test_reads_all_columns_of_a_file_without_those_of_the_task(registry, tmp_path):
    (tmp_path / "data").write_bytes(written("Parquet", FRAME))
    table = read_table(tmp_path / "data", registry, choose=columns_of(TextClassification(text="a", label="b")))
    assert table.frame.columns == ["text", "label"]


def test_a_column_that_is_not_used_is_not_taken_for_the_texts(registry, tmp_path):
    task = TextClassification(text="review")
    (tmp_path / "data").write_bytes(written("Parquet", FRAME))
    table = read_table(tmp_path / "data", registry, choose=columns_of(task))
    with pytest.raises(DataError, match='missing column "review": the columns are text, label'):
        task.texts(table)


def test_a_subclass_that_reads_otherwise_declares_its_columns_again(registry, tmp_path):
    class Subclass(TextClassification):
        def read(self, table):
            return super().read(table)

    (tmp_path / "data").write_bytes(written("Parquet", FRAME.with_columns(page=pl.lit("x"))))
    table = read_table(tmp_path / "data", registry, choose=columns_of(Subclass()))
    assert table.frame.columns == ["text", "label", "page"]


@pytest.mark.parametrize("name", ["text", "label"])
def test_names_the_type_of_a_needed_column_also_beside_a_single_column(registry, tmp_path, name):
    (tmp_path / "data").write_bytes(written("Parquet", FRAME.with_columns(pl.lit(b"x").alias(name))))
    table = read_table(tmp_path / "data", registry)
    with pytest.raises(DataError, match=f'column "{name}" has the unsupported type Binary'):
        TextClassification().read(table)
    if name == "text":
        with pytest.raises(DataError, match=f'column "{name}" has the unsupported type Binary'):
            TextClassification().texts(table)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("OOM: memory allocation failed because the memory allocator returned an error", {"error": "memory"}),
        ("column with name 'text' has more than one occurrence", {"error": "unsupported"}),
        ("Encryption error: Parquet file has an encrypted footer", {"error": "unsupported"}),
        ("invalid footer\nof a file", {"error": "damaged", "detail": "invalid footer"}),
    ],
)
def test_classifies_the_errors_of_decoders(message, reply):
    def decode():
        raise ValueError(message)

    with pytest.raises(Refused) as caught:
        attempt(decode)
    assert reply.items() <= caught.value.reply.items()


def test_a_panic_is_not_explained_by_the_code_of_the_decoder():
    def decode():
        raise BaseException("called `Result::unwrap()` on an `Err` value")

    with pytest.raises(Refused) as caught:
        attempt(decode)
    assert caught.value.reply == {"error": "damaged", "detail": ""}


def test_a_file_with_an_encrypted_footer_is_recognized(registry, tmp_path):
    (tmp_path / "data").write_bytes(b"PARE" + written("Parquet")[4:-4] + b"PARE")
    with pytest.raises(DataError, match=r"unsupported Parquet file: .*encrypted"):
        read_table(tmp_path / "data", registry)
