"""Files from the Hugging Face hub, or a mirror of it: found by huggingface_hub, fetched here.

What has come is kept, and fetched on from, whatever happens to the connection or the program;
huggingface_hub itself (2.4) throws an unfinished file away, and gpt.pth takes hours on some lines.
Nothing is sent but the requests: no token, no telemetry; xet, which goes past mirrors, is not used.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Final, Self

import httpx2
from huggingface_hub import close_session, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from wyoming_indextts.errors import (
    InterruptedSpeechError,
    SpeechError,
    StorageFullError,
    TimedOutError,
    WeightsCorruptError,
    WeightsMissingError,
)
from wyoming_indextts.store.insistence import PassingError, Patience, insist
from wyoming_indextts.store.writing import on_disk

HEADERS: Final = {
    "user-agent": "wyoming-indextts",
    "accept-encoding": "identity",  # lengths and ranges are those of the file itself
}

PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP answers that may be others a little later."""

_RANGE: Final = re.compile(r"bytes (\d+)-")

Arrived = Callable[[int], None]
"""Takes how many bytes of a file are here, each time that it is another number."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the hub has it now; `etag` tells its content, see `digest`."""

    what: str
    url: str
    commit: str
    etag: str
    size: int


class Hub:
    """Speaks to one hub; `mirror` is its URL, None the official one or that of HF_ENDPOINT.

    One thread may use it, and its context ends the connections. Setting `stop` from any other
    ends what it is doing with `InterruptedSpeechError`, within `Patience.read`.
    """

    def __init__(
        self, mirror: str | None = None, *, stop: Event, patience: Patience | None = None
    ) -> None:
        self._mirror = mirror and mirror.rstrip("/")
        self._stop = stop
        self._patience = patience or Patience()
        self._client = httpx2.Client(
            headers=HEADERS, timeout=self._patience.read, follow_redirects=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
        close_session()

    def find(self, repository: str, name: str) -> Found:
        """Return what the hub has under that name.

        Raises:
            WeightsMissingError: it has nothing, or cannot be asked.
            TimedOutError: it does not answer.
            InterruptedSpeechError: `stop` was set.
        """
        return insist(lambda: self._ask(repository, name), self._patience, self._stop)

    def fetch(self, found: Found, part: Path, arrived: Arrived) -> None:
        """Complete the file `part`, which may hold the beginning already.

        Raises:
            WeightsMissingError, TimedOutError, InterruptedSpeechError: as `find` says.
            WeightsCorruptError: the hub has more or fewer bytes than it said.
            StorageFullError: the disk takes no more; `part` is gone.
        """
        try:
            with on_disk():
                part.touch()
            insist(
                lambda: self._go_on(found, part, arrived),
                self._patience,
                self._stop,
                reached=lambda: part.stat().st_size,
            )
        except StorageFullError:
            part.unlink(missing_ok=True)
            raise

    def _ask(self, repository: str, name: str) -> Found:
        what = f"{repository}/{name}"
        with self._understood(what):
            about = get_hf_file_metadata(
                hf_hub_url(repository, name, endpoint=self._mirror),
                token=False,
                timeout=self._patience.read,
                headers=HEADERS,
                endpoint=self._mirror,
            )
        if not (about.commit_hash and about.etag) or about.size is None:
            raise WeightsMissingError(f"{what}: the server does not answer as a hub does")
        url = hf_hub_url(repository, name, revision=about.commit_hash, endpoint=self._mirror)
        return Found(what, url, about.commit_hash, about.etag, about.size)

    def _go_on(self, found: Found, part: Path, arrived: Arrived) -> None:
        """Append to `part` what it lacks."""
        here = part.stat().st_size
        arrived(here)
        if here == found.size:
            return
        headers = {"range": f"bytes={here}-"} if here else {}
        with (
            self._understood(found.what),
            self._client.stream("GET", found.url, headers=headers) as response,
        ):
            start = _start_of(response)
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or (
                start not in (0, here)
            ):
                raise self._begin_anew(found, part)
            response.raise_for_status()
            here = self._append(response, part, start, found.size, arrived)
        if here > found.size:
            raise self._begin_anew(found, part)
        if here < found.size:
            raise PassingError(
                WeightsCorruptError(f"{found.what}: {here} of {found.size} bytes is all there is")
            )

    def _append(
        self, response: httpx2.Response, part: Path, start: int, size: int, arrived: Arrived
    ) -> int:
        """Write what comes after the first `start` bytes; return how many there are then.

        One that is more than `size` ends it, unwritten.
        """
        here = start
        with on_disk(), part.open("r+b") as stream:
            stream.seek(start)
            for chunk in response.iter_bytes():
                if self._stop.is_set():
                    raise InterruptedSpeechError("the download was stopped")
                here += len(chunk)
                if here > size:
                    break
                stream.write(chunk)
                arrived(here)
        return here

    def _begin_anew(self, found: Found, part: Path) -> PassingError:
        """Empty `part`, and return why."""
        with on_disk():
            part.write_bytes(b"")
        return PassingError(
            WeightsCorruptError(f"{found.what}: the hub sends other bytes than the {found.size}")
        )

    @contextmanager
    def _understood(self, what: str) -> Iterator[None]:
        """Turn the block's failures of the network and the hub into ours."""
        try:
            yield
        except (HfHubHTTPError, httpx2.HTTPStatusError) as error:
            raise _answer(what, error.response) from error
        except OfflineModeIsEnabled as error:
            raise WeightsMissingError(f"{what} is not fetched: HF_HUB_OFFLINE is set") from error
        except httpx2.TimeoutException as error:
            silence = TimedOutError(f"{what}: the hub is silent for {self._patience.read:g} s")
            raise PassingError(silence) from error
        except httpx2.HTTPError as error:
            broken = WeightsMissingError(f"{what} cannot be fetched: {error or 'no connection'}")
            raise PassingError(broken) from error


def _start_of(response: httpx2.Response) -> int:
    """Return which byte of the file a response begins with."""
    told = _RANGE.match(response.headers.get("content-range", ""))
    return int(told[1]) if response.status_code == HTTPStatus.PARTIAL_CONTENT and told else 0


def _answer(what: str, response: httpx2.Response) -> SpeechError | PassingError:
    """Return the error that a hub's answer is."""
    status = response.status_code
    if status == HTTPStatus.NOT_FOUND:
        return WeightsMissingError(f"{what} is not on the hub")
    error = WeightsMissingError(f"{what} cannot be fetched: the hub answers {status}")
    if status not in PASSING:
        return error
    asked = response.headers.get("retry-after", "")
    return PassingError(error, wait=float(asked) if asked.isdecimal() else None)
