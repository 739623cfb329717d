"""A small Excel workbook, for the checks of the reader of spreadsheets."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

EXAMPLE_COLUMNS = {
    "text": ["good food", "", "007 ☕ <b> & more", "good food"],
    "stars": ["1", "2", "12", "1"],
}
START = '<?xml version="1.0" encoding="UTF-8"?>'
OFFICE = "http://schemas.openxmlformats.org"
RELATIONSHIPS = f"{OFFICE}/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{OFFICE}/spreadsheetml/2006/main" xmlns:r="{RELATIONSHIPS}"><sheets>'
        '<sheet name="Reviews" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONSHIPS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def make_workbook(columns: dict[str, list[str]]) -> bytes:
    """The bytes of an .xlsx file with one sheet: the names in the first row, every value as a text."""
    rows = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    cells = ["".join(f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>' for value in row) for row in rows]
    sheet = "".join(f"<row>{row}</row>" for row in cells)
    parts = {
        **PARTS,
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{OFFICE}/spreadsheetml/2006/main"><sheetData>{sheet}</sheetData></worksheet>'
        ),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), START + text)  # with a fixed date: the same bytes every time
    return stream.getvalue()
