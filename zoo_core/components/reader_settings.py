"""How the files of data are read: the reader, the encoding of texts, and the settings of the reader."""

from __future__ import annotations

from typing import Any

import attrs
from attrs import frozen

from zoo_core.components.fields import setting
from zoo_core.components.validators import text_encoding

DETECTED = "auto"
UTF8 = "utf-8"


@frozen
class ReaderSettings:
    """How files are read: the reader, by name or detected, and its settings; `encoding` is for every text format."""

    use: str = setting(DETECTED, "the name of a reader; auto: detected by the name and the first bytes of a file")
    encoding: str = setting(
        UTF8, "encoding of text files; utf-8 also reads UTF-16 with a byte-order mark", text_encoding
    )
    settings: tuple[tuple[str, Any], ...] = attrs.field(default=(), metadata={"open": True})  # of the reader, by name

    @property
    def is_detected(self) -> bool:
        """Whether the reader is not named."""
        return self.use == DETECTED

    def of_reader(self) -> dict[str, Any]:
        """The settings that are of the reader itself, by name."""
        return dict(self.settings)


def setting_values(holder: Any) -> dict[str, Any]:
    """The settings of a component or a table by name, those of a reader in its table, too."""
    fields = [field for field in attrs.fields(type(holder)) if "open" not in field.metadata]
    values = {field.name: getattr(holder, field.name) for field in fields}
    return values | holder.of_reader() if isinstance(holder, ReaderSettings) else values
