"""Reader of spreadsheets, by the package python-calamine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting

if TYPE_CHECKING:
    import polars as pl

ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODS_START = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
ODS_BYTES = 200  # of the head: the type is the first file of the archive
EXCEL_FOLDER = b"xl/"


@frozen
class Excel(Reader):
    """A sheet of an Excel or OpenDocument file (.xlsx, .xlsb, .xls, .ods), as in `--data FILE::SHEET`.

    The first row with values is the header. Values are as a person sees them; empty rows are left out, errors and the
    further cells of merged ones are empty. Needs the extra `excel`.

    Source: ISO/IEC 29500 and 26300; python-calamine."""

    name = "excel"
    suffixes = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    binary = True
    part_setting = "sheet"
    sheet: str = setting("", "name of the sheet; the only one with values if empty")

    def sniff(self, head: bytes) -> bool:
        is_excel = head.startswith(ZIP_START) and EXCEL_FOLDER in head
        return is_excel or (head.startswith(ZIP_START) and ODS_START in head[:ODS_BYTES]) or head.startswith(OLE_START)

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        return self.read_columns(stream, lambda columns: columns)[0]

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        from zoo_core.data.files.columnar import DECODER
        from zoo_core.data.files.extras import require_extra
        from zoo_core.errors import DataError

        data = stream.read()
        if not self.sniff(data):
            raise DataError("not a spreadsheet, or a damaged one")
        require_extra("python_calamine", "excel", "spreadsheets are read")
        return DECODER.decode(data, "spreadsheet", (), choose, part=self.sheet)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        from importlib.util import find_spec

        from zoo_formats.example_workbook import EXAMPLE_COLUMNS, make_workbook

        if find_spec("python_calamine") is None:  # without the extra, it reads nothing
            return ()
        return ((make_workbook(EXAMPLE_COLUMNS), EXAMPLE_COLUMNS),)
