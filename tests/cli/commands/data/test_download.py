"""`zoo data download` from a local server: complete, resumed, corrupt, missing and cached files."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import threading
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from tests.limits import limit
from zoo_core.data.download import catalogue
from zoo_core.filesystem.locks import try_lock

TRAIN = b'"1","bad, \\nvery ""bad"""\n"2","good"\n' + b"".join(
    b'"%d","text %d"\n' % (at % 2 + 1, at) for at in range(30_000)
)
TEST = b'"2","fine"\n'


def tar(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(data)
            archive.addfile(one, io.BytesIO(data))
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


REVIEWS = tar({"reviews/readme.txt": b"x", "reviews/test.csv": TEST, "reviews/train.csv": TRAIN})
FOLDERS = tar(
    {f"films/{split}/{label}/{at}.txt": f"{label} {at}\n".encode() for split, label, at in
     [("test", "pos", 1), ("train", "neg", 1), ("train", "pos", 2)]}
)  # fmt: skip
MESSAGES = zipped({"readme": b"x", "messages": b'ham\tsaid "hi"\nspam\twin\n'})
FILES = {"reviews.tgz": REVIEWS, "films.tgz": FOLDERS, "messages.zip": MESSAGES, "plain.csv": TRAIN}


class Server(ThreadingHTTPServer):
    """Serves `files`; ends each response after `cut` bytes if set; records the requested ranges."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(FILES)
        self.cut, self.ranges, self.resumes = 0, [], True
        self.slow, self.drips, self.length = False, Event(), ""  # `slow` waits for `drips` before the last byte

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        data = self.server.files.get(self.path.removeprefix("/"))
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if data is None:
            self.send_error(404)
            return
        begin = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.server.resumes else 0
        if begin >= len(data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", self.server.length or str(len(data) - begin))
        self.end_headers()
        if self.server.slow:
            self.wfile.write(data[:-1])
            self.server.drips.wait(limit())
            data, begin = data[-1:], 0
        self.wfile.write(data[begin : begin + self.server.cut] if self.server.cut else data[begin:])

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A running server, and a catalogue with its URLs."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(catalogue, "CATALOGUE_PATH", tmp_path / "catalogue.toml")
        write(tmp_path / "catalogue.toml", running.address)
        yield running
        running.shutdown()
        thread.join()


def write(path: Path, address: str, **changed: str) -> None:
    """A catalogue of four data sets in the format of the real one."""
    shared = 'about = "a"\nrows = 3\nmegabytes = 1\nterms = "Ask nobody."\npage = "p"\ncite = "c"\nlabel = "rating"\n'
    polar = 'classes = { 1 = "negative", 2 = "positive" }\n'
    reviews = 'columns = ["rating", "review"]\nline_breaks = true\nkind = "csv"\n'
    kinds = {
        "reviews": (
            f"{reviews}unpacked = 1\nmembers = 'reviews/(?P<split>train|test)\\.csv'\n{polar}", "reviews.tgz", "",
        ),
        "plain": (f"{reviews}unpacked = 1\n{polar}", "plain.csv", 'split = "train"\n'),
        "films": (
            'kind = "text"\nunpacked = 1\nclasses = { neg = "negative", pos = "positive" }\n'
            r"members = 'films/(?P<split>train|test)/(?P<label>neg|pos)/\d+\.txt'" + "\n", "films.tgz", "",
        ),
        "messages": (
            'kind = "tsv"\nunpacked = 1\ncolumns = ["rating", "text"]\nclasses = { ham = "ham", spam = "spam" }\n'
            "members = 'messages'\n", "messages.zip", "",
        ),
    }  # fmt: skip
    text = ""
    for name, (own, file, split) in kinds.items():
        digest = changed.get(name) or "sha256:" + hashlib.sha256(FILES[file]).hexdigest()
        text += f'[{name}]\n{shared}{own}[[{name}.files]]\nname = "{file}"\n{split}'
        text += f'sources = [{{ url = "{address}/{file}", hash = "{digest}" }}]\n'
    path.write_text(text, encoding="utf-8")


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_download_is_verified_and_written_as_one_table(zoo, server, tmp_path):
    answer = zoo("data", "download", "reviews", "--yes")
    assert (answer.code, answer.out) == (0, "reviews.csv\n")
    assert answer.lines[1] == "terms: Ask nobody. p"
    frame = pl.read_csv("reviews.csv")
    assert frame.columns == ["rating", "review", "split"]
    assert frame.row(0) == ("negative", 'bad, \nvery "bad"', "train")  # train comes first in any order of the archive
    assert frame.row(-1) == ("positive", "fine", "test")
    assert frame.height == 30_003
    assert kept(tmp_path) == ["reviews.tgz"]


def test_cached_files_are_not_downloaded_again(zoo, server):
    assert zoo("data", "download", "plain", "--yes", "-o", "a.csv").code == 0
    server.files.clear()
    answer = zoo("data", "download", "plain", "-o", "b.csv")
    assert answer.code == 0
    assert "cached in" in answer.err
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


@pytest.mark.parametrize(("name", "rows"),
    [
        ("films", [("negative", "neg 1\n", "train"), ("positive", "pos 2\n", "train"),
                   ("positive", "pos 1\n", "test")]),
        ("messages", [("ham", 'said "hi"'), ("spam", "win")]),
    ],
)  # fmt: skip
def test_folders_of_texts_and_zip_archives(zoo, server, name, rows):
    answer = zoo("data", "download", name, "--yes", "-o", "out.parquet", "--json")
    assert answer.json["rows"] == len(rows)
    assert pl.read_parquet("out.parquet").rows() == rows


def test_interrupted_download_is_resumed(zoo, server, tmp_path):
    server.cut = 70_000
    answer = zoo("data", "download", "plain", "--yes")
    assert answer.code == 7
    assert "the connection was lost" in answer.lines[-1]
    assert [name for name in kept(tmp_path) if not name.endswith(".part")] == []
    assert server.ranges == [None, "bytes=65536-", "bytes=131072-"]  # complete chunks are stored
    assert not Path("plain.csv").exists()
    server.cut = 0
    assert zoo("data", "download", "plain", "--yes").code == 0
    assert server.ranges[3:] == ["bytes=196608-"]
    assert kept(tmp_path) == ["plain.csv"]


def test_download_restarts_if_the_server_cannot_resume(zoo, server, tmp_path):
    server.cut = 70_000
    zoo("data", "download", "plain", "--yes")
    server.cut, server.resumes = 0, False
    assert zoo("data", "download", "plain", "--yes").code == 0
    assert (tmp_path / "cache" / "plain" / "plain.csv").read_bytes() == TRAIN


@pytest.mark.parametrize("extra", [b"", b"more than there is"])
def test_complete_or_oversized_partial_file(zoo, server, tmp_path, extra):
    server.cut = 70_000
    zoo("data", "download", "plain", "--yes")
    (part,) = (tmp_path / "cache").rglob("*.part")
    part.write_bytes(TRAIN + extra)
    server.cut = 0
    assert zoo("data", "download", "plain", "--yes").code == 0
    assert (tmp_path / "cache" / "plain" / "plain.csv").read_bytes() == TRAIN


def test_wrong_checksum_is_rejected(zoo, server, tmp_path, refused):
    server.files["plain.csv"] = TRAIN.replace(b"text 7", b"text 8")
    answer = zoo("data", "download", "plain", "--yes")
    assert answer.code == 3
    assert "its checksum is not the published one" in answer.lines[-1]
    assert kept(tmp_path) == []
    assert list(Path().iterdir()) == []


def test_changed_cache_file_is_downloaded_again(zoo, server, tmp_path):
    zoo("data", "download", "plain", "--yes", "-o", "a.csv")
    (tmp_path / "cache" / "plain" / "plain.csv").write_bytes(b"changed")
    assert zoo("data", "download", "plain", "--yes", "-o", "b.csv").code == 0
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_missing_file_and_unreachable_server(zoo, server, tmp_path):
    del server.files["plain.csv"]
    answer = zoo("data", "download", "plain", "--yes")
    assert answer.code == 7
    assert "404 Not Found" in answer.lines[-1]
    write(catalogue.CATALOGUE_PATH, "http://127.0.0.1:9")  # no server listens there
    answer = zoo("data", "download", "plain", "--yes")
    assert answer.code == 7
    assert len([line for line in answer.lines if "error" in line]) == 1
    by_hand = (
        f"download http://127.0.0.1:9/plain.csv by hand and put it at {tmp_path / 'cache' / 'plain' / 'plain.csv'}"
    )
    assert "no connection" in answer.lines[-1]
    assert by_hand in answer.lines[-1]


def test_next_source_is_tried(zoo, server, tmp_path):
    text = catalogue.CATALOGUE_PATH.read_text()
    good = f'{{ url = "{server.address}/plain.csv"'
    catalogue.CATALOGUE_PATH.write_text(
        text.replace(good, f'{{ url = "{server.address}/gone", hash = "md5:00" }}, {good}')
    )
    assert zoo("data", "download", "plain", "--yes").code == 0


def test_endless_response_is_rejected(zoo, server, tmp_path):
    server.files["plain.csv"] = bytes(3_000_000)
    assert zoo("data", "download", "plain", "--yes").code == 3
    assert kept(tmp_path) == []


def test_concurrent_downloads_are_rejected(zoo, server, tmp_path):
    server.cut = 70_000
    zoo("data", "download", "plain", "--yes")
    (part,) = (tmp_path / "cache").rglob("*.part")
    before = part.read_bytes()
    with part.open("rb+") as held:
        assert try_lock(held.fileno())
        answer = zoo("data", "download", "plain", "--yes")
    assert (answer.code, part.read_bytes()) == (7, before)
    assert "another process is downloading" in answer.lines[-1]


@pytest.mark.parametrize(
    ("arguments", "code", "result"),
    [
        (("reviews",), 2, "the terms of reviews must be accepted (hint: accept them with --yes)"),
        (("revews", "--yes"), 2, 'unknown data set "revews" (hint: did you mean "reviews"?)'),
        ((), 2, "missing argument 'NAME'"),
        (("plain", "--yes", "-o", "there.csv"), 2, "there.csv already exists"),
        (("plain", "--yes", "-o", "x.doc"), 2, 'unknown format of a file name in ".doc"'),
    ],
)
def test_invalid_usage_is_rejected_before_the_download(zoo, server, tmp_path, arguments, code, result):
    Path("there.csv").write_text("old", encoding="utf-8")
    answer = zoo("data", "download", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert result in answer.lines[-1]
    assert server.ranges == []
    assert Path("there.csv").read_text(encoding="utf-8") == "old"


def link(name: str, target: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = tarfile.SYMTYPE, target
    return made


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (tar({"reviews/train.csv": TRAIN, "../evil": b"x"}), "would lie outside its folder"),
        (tar({"/etc/evil": b"x", "reviews/train.csv": TRAIN}), "would lie outside its folder"),
        (zipped({"a/../../evil": b"x"}), "would lie outside its folder"),
        (zipped({"C:evil": b"x"}), "would lie outside its folder"),
        (tar({"reviews/train.csv": bytes(1_000_001)}), "unpacks to more than 1 MB"),
        (tar({"other/train.csv": TRAIN}), "the archive has no files of the data set"),
        (tar({"reviews/train.csv": TRAIN})[:-300], "cannot unpack this archive"),
        (b"no archive at all", "cannot unpack this archive"),
        (tar({"reviews/train.csv": b'"3","x"\n'}), 'row 1: unknown class "3"'),
        (tar({"reviews/train.csv": b'"1","x\xff"\n'}), "not UTF-8"),
        ("link", "neither a file nor a folder"),
    ],
)
def test_unsafe_or_corrupt_archive_is_rejected(zoo, server, tmp_path, data, result):
    if data == "link":
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            archive.addfile(link("reviews/train.csv", "/etc/passwd"))
        data = stream.getvalue()
    server.files["reviews.tgz"] = data
    write(catalogue.CATALOGUE_PATH, server.address, reviews=f"md5:{hashlib.md5(data).hexdigest()}")
    answer = zoo("data", "download", "reviews", "--yes")
    assert answer.code == 3, answer
    assert result in answer.lines[-1]
    assert list(Path().iterdir()) == []


def test_lists_the_data_sets(zoo):
    result = zoo("data", "download", "--list", "--json").json
    assert {"ag-news", "yelp-full", "yelp-polarity"} <= {one["name"] for one in result}
    assert all(one["terms"] and one["page"] and one["files"] for one in result)
    assert zoo("data", "download", "--list").out.startswith("name\trows\t")


def test_catalogue_is_complete():
    published = tomllib.loads(Path(catalogue.CATALOGUE_PATH).read_text("utf-8"))
    datasets = catalogue.load_catalogue()
    assert datasets
    for name, dataset in datasets.items():
        assert name in published
        assert len(dataset.classes) >= 2
        assert dataset.members == "" or re.compile(dataset.members)
        names = {file.name for file in dataset.files}
        assert names and len(names) == len(dataset.files)
        assert dataset.kind == "text" or dataset.label in dataset.columns
        assert all(file.sources for file in dataset.files)
        for source in (source for file in dataset.files for source in file.sources):
            assert source.url.startswith("https://")
            assert re.fullmatch("md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", source.hash)


def test_a_download_has_a_total_time(zoo, server, monkeypatch, tmp_path):
    server.slow = True
    monkeypatch.setenv("ZOO_DOWNLOAD_SECONDS", "1")
    answer = zoo("data", "download", "plain", "--yes")
    server.drips.set()
    assert (answer.code, answer.out) == (7, "")
    assert "more than 1 second; ZOO_DOWNLOAD_SECONDS allows more" in answer.err
    assert not Path("plain.csv").exists()
    monkeypatch.setenv("ZOO_DOWNLOAD_SECONDS", "soon")
    assert zoo("data", "download", "plain", "--yes").code == 2


def test_a_response_that_declares_too_many_bytes_is_not_read(zoo, server, tmp_path):
    server.length = "99999999999"
    answer = zoo("data", "download", "plain", "--yes")
    assert (answer.code, answer.out) == (3, "")
    assert "more than 2 MB, twice the size in the catalog" in answer.err
    assert kept(tmp_path) == []
