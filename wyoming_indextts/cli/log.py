"""How the log looks: one line an event, on standard error."""

import logging
from typing import Final

PACKAGE: Final = __name__.split(".", 1)[0]
"""The logger above all of ours; other libraries only warn."""

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def begin(level: int) -> None:
    """Log what this program tells from `level` on."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger(PACKAGE).setLevel(level)


class OneLine(logging.Formatter):
    """Keeps what others wrote into a message from looking like another event."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line, with what cannot be printed spelled out."""
        line = super().formatMessage(record)
        return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)
