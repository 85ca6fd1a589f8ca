"""`/metrics`: what Prometheus reads. The only file that imports its library.

Every label is one of a few values that this program fixes: edges, endings, codes of the one list,
patterns of routes. What a client sends never becomes one.
"""

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from wyoming_indextts import __version__
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.edges.http.traffic import TRANSPORTS, Traffic
from wyoming_indextts.speech.progress import Progress
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Dials, Vitals

SPACE: Final = "wyoming_indextts"
"""What the names of our metrics begin with."""

FIRST: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)
"""Seconds until the first sound: from a card's best to a busy small machine's worst."""

EDGES: Final = frozenset({"wyoming", "http", "announce", "mqtt", "say", "default-voices"})
"""Who asks for speech; anybody else is `other`."""


class Metrics:
    """Counts utterances, and shows that and all else."""

    def __init__(
        self,
        speaker: Speaker,
        dials: Dials,
        traffic: Traffic,
        sessions: Callable[[], dict[str, int]],
    ) -> None:
        """Take what is shown; `sessions` gives how many there are by transport."""
        self._registry = registry = CollectorRegistry()
        ProcessCollector(namespace=SPACE, registry=registry)
        registry.register(_House(speaker, dials, traffic, sessions))
        self._first = Histogram(
            "first_audio_seconds",
            "From the request to its first sound.",
            ("edge",),
            namespace=SPACE,
            buckets=FIRST,
            registry=registry,
        )
        self._ended = Counter(
            "utterances",
            "Utterances that have ended, and how: finished, interrupted or failed, with its code.",
            ("edge", "ending", "code"),
            namespace=SPACE,
            registry=registry,
        )
        self._sound = Counter(
            "speech_seconds",
            "Seconds of speech given.",
            ("edge",),
            namespace=SPACE,
            registry=registry,
        )
        self._underruns = Counter(
            "underruns",
            "Gaps of 20 ms and more that somebody heard who plays speech as it comes.",
            ("edge",),
            namespace=SPACE,
            registry=registry,
        )
        self._speaker = speaker

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count utterances while the block runs."""
        ignore = self._speaker.listen(self._follow)
        try:
            yield
        finally:
            ignore()

    def routes(self) -> list[Route]:
        """Return the route: what goes on in a house is nobody else's business."""
        return [Route("GET", "/metrics", self._show, "speak")]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        headers = {"Content-Type": kind, "Cache-Control": "no-store"}
        return web.Response(body=encode(self._registry), headers=headers)

    def _follow(self, progress: Progress) -> None:
        edge = progress.source if progress.source in EDGES else "other"
        match progress.state:
            case "asked":
                pass
            case "started":
                self._first.labels(edge).observe(progress.waited)
            case ending:
                self._ended.labels(edge, ending, progress.code or "").inc()
                self._sound.labels(edge).inc(progress.sound)
                self._underruns.labels(edge).inc(progress.underruns)


class _House(Collector):
    """Reads the rest when it is asked."""

    def __init__(
        self,
        speaker: Speaker,
        dials: Dials,
        traffic: Traffic,
        sessions: Callable[[], dict[str, int]],
    ) -> None:
        self._speaker = speaker
        self._dials = dials
        self._traffic = traffic
        self._sessions = sessions

    def describe(self) -> list[Metric]:
        """Return nothing: names do not clash with what we register ourselves."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield what is to be seen now."""
        build = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily(f"{SPACE}_build", "This program.", build)
        speaking, waiting = self._speaker.queue
        queue = _gauge("queue", "Utterances before the engine.", "state")
        queue.add_metric(["speaking"], speaking)
        queue.add_metric(["waiting"], waiting)
        yield queue
        yield from self._edges()
        yield from _engines(self._dials.engines() if self._dials.engines else ())

    def _edges(self) -> Iterator[Metric]:
        sessions = _gauge(
            "sessions", "Sessions and connections held, by what carries.", "transport"
        )
        for transport, number in self._sessions().items():
            sessions.add_metric([transport], number)
        if self._dials.wyoming:
            sessions.add_metric(["wyoming"], self._dials.wyoming())
        yield sessions
        sound = _counter("sound_bytes", "Bytes of sound sent over HTTP, as packed.", "transport")
        for way in TRANSPORTS:
            sound.add_metric([way], self._traffic.sound[way])
        yield sound
        answers = _counter("http_requests", "Requests answered.", "method", "route", "status")
        for (method, route, status), number in self._traffic.answers.items():
            answers.add_metric([method, route, str(status)], number)
        yield answers
        if self._dials.announcements:
            waiting = _gauge("announcements_waiting", "Announcements that wait, once a target.")
            waiting.add_metric([], self._dials.announcements())
            yield waiting
        if self._dials.mqtt:
            connected = _gauge("mqtt_connected", "Whether the broker is connected.")
            connected.add_metric([], float(self._dials.mqtt()))
            yield connected


def _engines(engines: Sequence[Vitals]) -> Iterator[Metric]:
    ready = _gauge("engine_ready", "Whether the engine is loaded.", "engine")
    jobs = _gauge("engine_jobs", "Sentences that it works for.", "engine")
    losses = _counter("engine_restarts", "Times that it was lost and begun anew.", "engine")
    factor = _gauge("engine_real_time_factor", "Seconds of work per second of speech.", "engine")
    memory = _gauge("engine_memory_bytes", "Memory of its process and on its card.",
                    "engine", "where")  # fmt: skip
    work = _counter("engine_work", "What it has done since it was loaded.", "engine", "what")
    for engine in engines:
        ready.add_metric([engine.name], float(engine.ready))
        jobs.add_metric([engine.name], engine.busy)
        losses.add_metric([engine.name], engine.losses)
        factor.add_metric([engine.name], engine.real_time_factor)
        memory.add_metric([engine.name, "process"], engine.memory)
        memory.add_metric([engine.name, "card"], engine.toll.device_memory)
        for what, number in engine.toll.counts.items():
            work.add_metric([engine.name, what], number)
    yield from (ready, jobs, losses, factor, memory, work)


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{SPACE}_{name}", meaning, labels=labels)


def _counter(name: str, meaning: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"{SPACE}_{name}", meaning, labels=labels)
