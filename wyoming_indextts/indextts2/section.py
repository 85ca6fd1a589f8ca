"""One section of a configuration file, read key by key; what nobody reads is an error."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.faults import corrupt


class Section:
    """Reads the keys of one section; as a context it refuses those left unread.

    Every method raises `WeightsCorruptError`, naming file and key, for what does not fit.
    """

    def __init__(self, file: str, content: object, name: str = "") -> None:
        self._file = file
        self._name = name
        if not isinstance(content, Mapping):
            raise corrupt(file, f"{name or 'it'} is no section with keys")
        self._content: Mapping[object, object] = content
        self._read: set[object] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        strangers = [key for key in self._content if key not in self._read]
        if kind is None and strangers:
            raise corrupt(self._file, f"the key {self._path(strangers[0])} is not known")

    def section(self, key: str) -> "Section":
        """Return the section below this one that has the name `key`."""
        return Section(self._file, self._value(key), self._path(key))

    def size(self, key: str) -> int:
        """Return a whole number from 1 on."""
        return self._whole(key, self._value(key), least=1)

    def index(self, key: str) -> int:
        """Return a whole number from 0 on."""
        return self._whole(key, self._value(key), least=0)

    def sizes(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers from 1 on, at least one."""
        return self._whole_list(key, self._value(key))

    def size_lists(self, key: str) -> tuple[tuple[int, ...], ...]:
        """Return a list of such lists."""
        value = self._value(key)
        if not isinstance(value, list) or not value:
            raise self._unlike(key, value, "a list of lists")
        return tuple(self._whole_list(key, inner) for inner in value)

    def number(self, key: str) -> float:
        """Return a number above 0."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise self._unlike(key, value, "a number above 0")
        return float(value)

    def fixed(self, **wanted: object) -> None:
        """Read keys that may be missing, but if they are there have just these values."""
        for key, value in wanted.items():
            self._read.add(key)
            found = self._content.get(key, value)
            if found != value or isinstance(found, bool) != isinstance(value, bool):
                raise self._unlike(key, found, repr(value))

    def ignore(self, *keys: str) -> None:
        """Take keys as read that say nothing about the nets."""
        self._read.update(keys)

    def contradiction(self, fault: str) -> WeightsCorruptError:
        """Return the error for keys that do not fit each other."""
        return corrupt(self._file, f"{self._name}: {fault}" if self._name else fault)

    def _value(self, key: str) -> object:
        self._read.add(key)
        if key not in self._content:
            raise corrupt(self._file, f"the key {self._path(key)} is missing")
        return self._content[key]

    def _whole(self, key: str, value: object, *, least: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self._unlike(key, value, f"a whole number from {least} on")
        return value

    def _whole_list(self, key: str, value: object) -> tuple[int, ...]:
        if not isinstance(value, list) or not value:
            raise self._unlike(key, value, "a list of whole numbers")
        return tuple(self._whole(key, item, least=1) for item in value)

    def _unlike(self, key: str, value: object, wanted: str) -> WeightsCorruptError:
        return corrupt(self._file, f"{self._path(key)} is {value!r}, expected {wanted}")

    def _path(self, key: object) -> str:
        return f"{self._name}.{key}" if self._name else str(key)
