"""Spreadsheets: sheets, cells as a person sees them, and files that ask for too much."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError
from zoo_core.recipes.recipe import Recipe

pytest.importorskip("python_calamine")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMATS = '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'  # of a date, and of a date with a time
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs>{FORMATS}</cellXfs></styleSheet>'
ROWS = [
    '<c r="B2" t="inlineStr"><is><t>text</t></is></c><c r="C2" t="inlineStr"><is><t>label</t></is></c><c r="D2"/>',
    '<c r="B3" t="inlineStr"><is><t>a &amp; b</t></is></c><c r="C3"><v>1</v></c><c r="E3" s="1"><v>46024</v></c>',
    "",
    '<c r="B5"><v>0.30000000000000004</v></c><c r="C5" t="b"><v>1</v></c><c r="E5" s="2"><v>46024.5</v></c>',
    '<c r="B6" t="e"><v>#N/A</v></c><c r="C6"><v>2.5</v></c>',
]


def sheet(rows: list[str]) -> str:
    cells = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, start=2))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def written(path: Path, sheets: dict[str, list[str]], hidden: str = "") -> Path:
    """A small Excel file."""
    books = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}" state="{("visible", "hidden")[name == hidden]}"/>'
        for at, name in enumerate(sheets, start=1)
    )
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{books}</sheets></workbook>'
        )
        root = f'<Relationship Id="b" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{package}">{root}</Relationships>')
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{relations}</Relationships>')
        archive.writestr("xl/styles.xml", STYLES)
        for at, rows in enumerate(sheets.values(), start=1):
            archive.writestr(f"xl/worksheets/{at}.xml", sheet(rows))
    return path


def test_cells_are_as_a_person_sees_them(tmp_path, registry):
    table = read_table(written(tmp_path / "a.xlsx", {"one": ROWS, "empty": []}), registry)
    assert table.frame.to_dict(as_series=False) == {
        "text": ["a & b", "0.3", ""],
        "label": ["1", "TRUE", "2.5"],
        "column 4": ["2026-01-02", "2026-01-02 12:00:00", ""],
    }


def test_a_sheet_is_chosen_by_name(tmp_path, registry, zoo):
    other = ['<c r="A1" t="inlineStr"><is><t>text</t></is></c>', '<c r="A2"><v>7</v></c>']
    path = written(tmp_path / "a.xlsx", {"one": ROWS, "two": other})
    assert read_table(f"{path}::two", registry).frame.to_dict(as_series=False) == {"text": ["7"]}
    named = read_table(path, registry, reader="{ use = 'excel', sheet = 'two' }")
    assert named.frame["text"].to_list() == ["7"]
    with pytest.raises(DataError, match=r"2 sheets with values: the sheets are one, two .*::one"):
        read_table(path, registry)
    with pytest.raises(DataError, match=r'unknown sheet "tow": .*::two'):
        read_table(f"{path}::tow", registry)
    with pytest.raises(DataError, match=r"the sheets are one, two .*::one"):  # the largest first
        read_table(written(tmp_path / "c.xlsx", {"two": other, "one": ROWS}), registry)
    hidden = written(tmp_path / "b.xlsx", {"one": ROWS, "two": other}, hidden="one")
    assert read_table(hidden, registry).frame["text"].to_list() == ["7"]
    task = Recipe("data", zoo, (zoo.defaults,)).plan().task
    assert read_table(f"{path}::one", registry, choose=columns_of(task)).frame.columns == ["text", "label"]


def test_reads_open_document(tmp_path, registry):
    names = "".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0" ' for key in ("office", "table", "text")
    )
    values = [["text", "label"], ["good", "a"], ["bad", "b"]]
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in values)
    table = f'<table:table table:name="s">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert read_table(tmp_path / "a.ods", registry).frame.rows() == [("good", "a"), ("bad", "b")]


def test_what_is_no_spreadsheet_or_asks_for_too_much_is_refused(tmp_path, registry):
    path = tmp_path / "a.xlsx"
    far = ['<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>']
    for data, said in (
        (b"text,label\na,b\n", "not a file of the format excel, or a damaged one"),
        (written(path, {"one": ROWS}).read_bytes()[:700], "damaged spreadsheet file"),
        (written(path, {"one": far}).read_bytes(), "MiB of memory|damaged spreadsheet"),
    ):
        path.write_bytes(data)
        with pytest.raises(DataError, match=said):
            read_table(path, registry)
    twice = written(path, {"one": [ROWS[0].replace("label", "text"), *ROWS[1:]]})
    with pytest.raises(DataError, match='the column "text" is there twice'):
        read_table(twice, registry)
    with pytest.raises(DataError, match="there are no rows"):
        read_table(written(path, {"one": ROWS[:1]}), registry)


def test_a_missing_extra_is_told_with_its_command(tmp_path, registry, monkeypatch):
    monkeypatch.setattr("zoo_core.data.files.extras.find_spec", lambda _name: None)
    with pytest.raises(
        DataError, match=r"python-calamine, which is not installed \(hint: pip install 'textzoo\[excel\]'\)"
    ):
        read_table(written(tmp_path / "a.xlsx", {"one": ROWS}), registry)
