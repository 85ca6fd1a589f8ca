"""How engines are doing, for whoever shows or counts it; who does not say is passed over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Toll:
    """What an engine has done since it was loaded, and what it holds for it.

    `counts` are whole numbers that only grow, each under a name of a few that the engine fixes;
    `device_memory` is bytes that it holds on its card.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    device_memory: int = 0


@runtime_checkable
class Tolled(Protocol):
    """An engine that counts its work; asked in the engine's thread, between two steps."""

    @property
    def toll(self) -> Toll:
        """What it has done so far."""
        ...


def toll_of(engine: object) -> Toll:
    """Return what an engine has done, nothing if it does not count."""
    return engine.toll if isinstance(engine, Tolled) else Toll()


@dataclass(frozen=True, slots=True)
class Lack:
    """What a machine cannot do and what helps, for its owner, in English and in Chinese."""

    en: str
    zh: str


@runtime_checkable
class Limited(Protocol):
    """An engine that knows what its machine cannot do; asked once it is loaded."""

    @property
    def lack(self) -> Lack | None:
        """What that is; None where the machine can do all."""
        ...


def lack_of(engine: object) -> Lack | None:
    """Return what an engine's machine cannot do, None if it does not know."""
    return engine.lack if isinstance(engine, Limited) else None


@dataclass(frozen=True, slots=True)
class Vitals:
    """One engine: `name` is one of the few that the program knows.

    `memory` is resident bytes of a process of its own, 0 while there is none; `losses` counts how
    often that was lost; `real_time_factor` is seconds of work per second of speech. `lack` is what
    the machine could not do when the engine was loaded last, also while it sleeps.
    """

    name: str
    ready: bool
    busy: int
    losses: int
    memory: int
    real_time_factor: float
    toll: Toll
    lack: Lack | None = None


@runtime_checkable
class Observed(Protocol):
    """A runner that says how its engines are. Belongs to the event loop's thread."""

    def vitals(self) -> Sequence[Vitals]:
        """Return one entry for each engine."""
        ...


def vitals_of(runner: object) -> Sequence[Vitals]:
    """Return how a runner's engines are, nothing if it does not say."""
    return runner.vitals() if isinstance(runner, Observed) else ()


@dataclass(slots=True)
class Dials:
    """What can be looked at of the house, filled in where it is put together; None: not there."""

    engines: Callable[[], Sequence[Vitals]] | None = None
    announcements: Callable[[], int] | None = None
    """Announcements that wait, once for each target."""

    mqtt: Callable[[], bool] | None = None
    """Whether the broker is connected."""

    wyoming: Callable[[], int] | None = None
    """Connections over Wyoming."""

    def lack(self) -> Lack | None:
        """Return what the machine cannot do, by the first engine that knows."""
        vitals = self.engines() if self.engines else ()
        return next((engine.lack for engine in vitals if engine.lack), None)
