"""Readers of file formats: JSON, Parquet, Arrow, SQLite, spreadsheets, fastText, and the AG News files."""

from __future__ import annotations

from zoo_core import Reader, hookimpl
from zoo_formats.ag_news import AGNews
from zoo_formats.columnar_readers import Arrow, Parquet
from zoo_formats.fasttext_reader import FastText
from zoo_formats.json_readers import JSONArray, JSONLines
from zoo_formats.spreadsheet_reader import Excel
from zoo_formats.sqlite_reader import SQLite


@hookimpl
def zoo_readers() -> list[type[Reader]]:
    return [AGNews, JSONLines, JSONArray, Parquet, Arrow, FastText, SQLite, Excel]
