"""The engine's process: orders in, reports out, one step after another.

Runs as `python -m wyoming_indextts.process.child FD`, FD being its end of the pipe. The main
thread loads the engine and steps; a second one reads orders, so that a job is dropped inside a
step too. The server ends this process in order; it outlives the server on no account.
"""

import ctypes
import faulthandler
import importlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import FrameType
from typing import Final

from wyoming_indextts.errors import SpeechError
from wyoming_indextts.process.messages import (
    Alive,
    Begin,
    Begun,
    Cancel,
    Close,
    Decoder,
    Dropped,
    Load,
    Loaded,
    LoadFailed,
    Logged,
    Order,
    Prepare,
    Report,
    Worked,
    encode,
)
from wyoming_indextts.speech.engine import Audio, Engine, Finished
from wyoming_indextts.speech.vitals import lack_of, toll_of

log = logging.getLogger("wyoming_indextts.process.child")  # which runs as `__main__`

PIECE: Final = 64 * 1024
"""Bytes read from the pipe at once; orders are small."""

PR_SET_PDEATHSIG: Final = 1
"""Linux, <linux/prctl.h>: the signal that this process gets when its parent is gone."""


class EngineProcess:
    """Drives one engine as the other end of the pipe orders."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._writing = Lock()
        self._orders: SimpleQueue[Order] = SimpleQueue()  # bounded by the jobs under way
        self._engine: Engine | None = None
        self._reported = 0.0

    def run(self) -> None:
        """Load, then step until closed; what the engine raises by mistake goes through."""
        Thread(target=self._read_orders, name="orders", daemon=True).start()
        load = self._orders.get()
        while isinstance(load, Prepare):
            _function(load.factory)
            load = self._orders.get()
        if not isinstance(load, Load):
            raise TypeError(f"the first order is {load!r}")
        logging.getLogger().addHandler(_Forwarding(self))
        logging.getLogger().setLevel(load.log_level)
        try:
            engine = self._engine = _function(load.factory)(load.options)
        except SpeechError as error:
            self.report(LoadFailed(error))
            return
        self.report(Loaded(engine.real_time_factor, lack_of(engine)))
        self._serve(engine, load.beat)
        engine.close()

    def report(self, *reports: Report) -> None:
        """Send; any thread may."""
        with self._writing:
            self._pipe.sendall(encode(*reports))
        self._reported = time.monotonic()

    def _serve(self, engine: Engine, beat: float) -> None:
        active: set[int] = set()
        while True:
            for order in self._given(0.0 if active else beat):
                match order:
                    case Begin(job):
                        self.report(Begun(job.id))
                        active.add(job.id)
                        engine.begin(job)
                    case Cancel(job_id):
                        engine.cancel(job_id)
                        active.discard(job_id)
                        self.report(Dropped(job_id))
                    case _:
                        return
            produced = engine.step()
            active -= {item.job_id for item in produced if not isinstance(item, Audio)}
            if any(isinstance(item, Finished) for item in produced):
                self.report(*produced, Worked(engine.real_time_factor, toll_of(engine)))
            elif produced:
                self.report(*produced)
            elif time.monotonic() - self._reported >= beat:
                self.report(Alive())

    def _given(self, patience: float) -> Iterator[Order]:
        """Yield the orders there are, waiting `patience` seconds for the first."""
        try:
            yield self._orders.get(timeout=patience)
            while True:
                yield self._orders.get_nowait()
        except Empty:
            return

    def _read_orders(self) -> None:
        try:
            self._follow_orders()
        except ConnectionError:
            pass  # the server is gone, and left reports unread
        except Exception:  # the thread's outermost boundary: a process that is deaf is no use
            log.exception("an order failed")
        os._exit(1)

    def _follow_orders(self) -> None:
        decoder = Decoder[Order]()
        while piece := self._pipe.recv(PIECE):
            for order in decoder.feed(piece):
                self._orders.put(order)
                match order:
                    case Cancel(job_id) if self._engine is not None:
                        self._engine.cancel(job_id)
                    case Close() if self._engine is None:
                        os._exit(0)  # nothing else ends a load


class _Forwarding(logging.Handler):
    """Hands log records to the server, whose handlers know where they go."""

    def __init__(self, process: EngineProcess) -> None:
        super().__init__()
        self._process = process

    def emit(self, record: logging.LogRecord) -> None:
        self._process.report(Logged(record.name, record.levelno, self.format(record)))


def main() -> None:
    """Be the engine's process of the server that started this one."""
    faulthandler.enable()
    # The server ends its engine in order; a service manager signals every process at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stay)
    if sys.platform == "linux":  # elsewhere the pipe's end has to do
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    pipe = socket.socket(fileno=int(sys.argv[1]))
    pipe.set_inheritable(False)
    try:
        EngineProcess(pipe).run()
    except ConnectionError:
        os._exit(1)  # the server is gone
    except Exception:  # the process's outermost boundary
        log.exception("the engine failed; its process ends")
        os._exit(1)  # at once: the engine's own threads might not let go


def _stay(_number: int, _frame: FrameType | None) -> None:
    """Ignore a signal in this process only: children of it start with the default again."""


def _function(name: str) -> Callable[[object], Engine]:
    """Return the function that "module:function" names."""
    module, _, attribute = name.partition(":")
    function: Callable[[object], Engine] = getattr(importlib.import_module(module), attribute)
    return function


if __name__ == "__main__":
    main()
