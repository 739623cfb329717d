"""Values that print as a table, and as HTML in a notebook."""

from __future__ import annotations

import polars as pl

from zoo_core.messages import escape_terminal_controls


class ShownAsTable:
    """The base of values with a `frame`: polars draws it, with control characters escaped."""

    __slots__ = ()

    def frame(self) -> pl.DataFrame:
        """The value as a table."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return escape_terminal_controls(str(self.frame()))

    def _repr_html_(self) -> str:
        return self.frame()._repr_html_()
