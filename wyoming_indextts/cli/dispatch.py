"""Runs one command and turns what goes wrong into one line and an exit status.

The voice's libraries take a second to import, so commands that need none of them, such as a
health check every few seconds, import none: `app` is imported where it is needed.
"""

import asyncio
import logging
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from wyoming_indextts.cli import log
from wyoming_indextts.cli.arguments import MISUSED, STANDARD_INPUT, flags, parse
from wyoming_indextts.doctor import network
from wyoming_indextts.edges.wyoming import client
from wyoming_indextts.errors import (
    EmotionNotFoundError,
    SpeechError,
    StorageFullError,
    VoiceNotFoundError,
)
from wyoming_indextts.say import player, recording, words
from wyoming_indextts.say.command import Speak, say, speak_here
from wyoming_indextts.say.output import Output, OutputError
from wyoming_indextts.settings import Address, Settings, SettingsError, blame, load
from wyoming_indextts.settings.places import NAME
from wyoming_indextts.speech.deeds import OK, Action
from wyoming_indextts.speech.lexicon import LexiconError
from wyoming_indextts.speech.presets import PresetError
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.voices import PREVIEW
from wyoming_indextts.store.voices import read_voices, remove_voice, voices_folder

FAILED: Final = 1
"""Exit status: it went wrong."""

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it."""

EXTRAS: Final = {"soundfile": "formats", "soxr": "formats"}
"""The smallest extra that has a package, where that is not the model's."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, `FAILED` or `MISUSED`."""
    parsed = parse(list(sys.argv[1:] if arguments is None else arguments))
    try:
        return _run(parsed)
    except (SettingsError, PresetError, LexiconError) as error:
        return _complain(str(error), MISUSED)
    except SpeechError as error:
        return _complain(f"{error.code}: {error}", FAILED)
    except OutputError as error:
        return _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(parsed: Namespace) -> int:
    commands = {
        "serve": _serve,
        "say": _say,
        "voices": _voices,
        "download": _download,
        "doctor": _doctor,
        "audit": _audit,
        "bench": _bench,
        "healthcheck": _healthcheck,
    }
    return commands[parsed.command](parsed)


def _serve(parsed: Namespace) -> int:
    from wyoming_indextts import app  # noqa: PLC0415 - see above

    settings = _settings(parsed)
    try:
        with _blaming(parsed):
            return asyncio.run(app.serve(settings))
    except OSError as error:
        where = settings.wyoming.address
        return _complain(f"cannot listen at {where}: {_reason(error)}; see `doctor`", FAILED)


def _say(parsed: Namespace) -> int:
    from_input = parsed.text == STANDARD_INPUT
    text = words.written(sys.stdin.buffer) if from_input else words.whole(parsed.text)
    request = Request(
        "say", voice=parsed.wanted_voice, emotion=parsed.emotion, intensity=parsed.intensity
    )
    return _speak(parsed, text, request)


def _speak(parsed: Namespace, text: AsyncIterable[str], request: Request) -> int:
    settings = _settings(parsed)
    output = _output(parsed.output)
    server: Address | None = parsed.server
    if server is None:
        asyncio.run(say(text, request, _here(settings), output))
        return 0
    try:
        asyncio.run(say(text, request, partial(client.speak, server.host, server.port), output))
    except OSError as error:
        return _complain(f"no server answers at {server}: {_reason(error)}", FAILED)
    return 0


def _here(settings: Settings) -> Speak:
    from wyoming_indextts import app  # noqa: PLC0415 - see above

    return partial(speak_here, app.speaking(settings))


def _output(name: str | None) -> Output:
    if name == "-":
        return recording.streamed(sys.stdout.buffer)
    if name is not None:
        return recording.recorded(Path(name))
    if found := player.find_player():
        return player.played(found)
    tried = ", ".join(player.PLAYERS)
    raise OutputError(f"no player is installed ({tried}); -o FILE.wav records instead")


def _voices(parsed: Namespace) -> int:
    match parsed.subcommand:
        case "list":
            return _list_voices(parsed)
        case "add":
            return _add_voice(parsed)
        case "remove":
            return _remove_voice(parsed)
        case _:
            request = Request("say", voice=parsed.wanted_voice)
            return _speak(parsed, words.whole(PREVIEW), request)


def _list_voices(parsed: Namespace) -> int:
    from wyoming_indextts import app  # noqa: PLC0415 - see above
    from wyoming_indextts.cli import listing  # noqa: PLC0415 - likewise

    settings = _settings(parsed)
    with _blaming(parsed):
        casting = app.casting(settings)
    shelf = read_voices(voices_folder(settings.data_dir))
    write = listing.as_json if parsed.json else listing.as_table
    sys.stdout.write(write(casting, shelf))
    for name, fault in shelf.faults.items():
        _complain(f"the voice {name} cannot be used: {fault}", FAILED)
    return 0


def _add_voice(parsed: Namespace) -> int:
    from wyoming_indextts import app  # noqa: PLC0415 - see above

    try:
        from wyoming_indextts.cli import enrolling  # noqa: PLC0415 - likewise, and of an extra
    except ModuleNotFoundError as error:
        return _lacks(error)
    settings = _settings(parsed)
    with _blaming(parsed):
        voices = app.casting(settings).voices
    try:
        with _recorded(settings, "voice.create", parsed.name):
            enrolling.add(parsed, voices_folder(settings.data_dir), voices)
    except enrolling.ConsentMissingError as error:
        return _complain(str(error), MISUSED)
    except OSError as error:
        return _complain(f"{parsed.clip} cannot be read: {_reason(error)}", FAILED)
    return 0


def _remove_voice(parsed: Namespace) -> int:
    settings = _settings(parsed)
    with _recorded(settings, "voice.delete", parsed.name):
        remove_voice(voices_folder(settings.data_dir), parsed.name)
    sys.stdout.write(f"{parsed.name} was removed, with all that was made of it\n")
    if parsed.name == settings.voice:
        sys.stdout.write("the settings name it as the default voice: choose another one there\n")
    return 0


def _download(parsed: Namespace) -> int:
    try:
        from wyoming_indextts.cli import downloading  # noqa: PLC0415 - of an extra
    except ModuleNotFoundError as error:
        return _lacks(error)
    folder = _settings(parsed).cache_dir
    if parsed.offline:
        downloading.check(parsed.model, folder)
    else:
        downloading.agree(parsed.model, folder, unread=parsed.accept_licence)
        downloading.fetch(parsed.model, folder, parsed.mirror)
    return 0


def _doctor(parsed: Namespace) -> int:
    from wyoming_indextts import app  # noqa: PLC0415 - see above
    from wyoming_indextts.doctor import files, report  # noqa: PLC0415 - likewise
    from wyoming_indextts.doctor.examination import examine  # noqa: PLC0415 - likewise
    from wyoming_indextts.doctor.issue import as_issue  # noqa: PLC0415 - likewise

    log.begin(logging.ERROR)
    examined = examine(flags(parsed), os.environ, cast=app.casting, speaking=app.speaking_embedded)
    findings = asyncio.run(report.collect(examined))
    if parsed.report:
        settings, _ = files.settings(flags(parsed), os.environ)
        sys.stdout.write(as_issue(findings, settings))
    else:
        sys.stdout.write(report.as_json(findings) if parsed.json else report.as_table(findings))
    return FAILED if any(found.state == "error" for found in findings) else 0


def _audit(parsed: Namespace) -> int:
    from wyoming_indextts.cli import audit  # noqa: PLC0415 - see above

    settings = _settings(parsed)
    try:
        if parsed.verify:
            return 0 if audit.check(settings) else FAILED
        audit.show(parsed, settings)
    except BrokenPipeError:  # `audit | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _complain(f"the audit log cannot be read: {_reason(error)}", FAILED)
    return 0


@contextmanager
def _recorded(settings: Settings, action: Action, target: str) -> Iterator[None]:
    """Put on record what the block does, and how that ended; a full disk is told, no more."""
    try:
        yield
    except SpeechError as error:
        _record(settings, action, target, error.code)
        raise
    _record(settings, action, target, OK)


def _record(settings: Settings, action: Action, target: str, result: str) -> None:
    from wyoming_indextts.auditing import record_command  # noqa: PLC0415 - see above

    try:
        record_command(settings, action, target[:80], result)
    except StorageFullError as error:
        _complain(f"not on record: {error}", FAILED)


def _bench(parsed: Namespace) -> int:
    try:
        from wyoming_indextts.bench import command  # noqa: PLC0415 - of an extra
        from wyoming_indextts.bench.soak import soaked  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        return _lacks(error)
    wishes = command.Wishes(
        cache_dir=_settings(parsed).cache_dir,
        device=parsed.device,
        size="small" if parsed.small else "official",
        against=parsed.against is not None,
        environment=Path(parsed.environment) if parsed.environment else None,
        rounds=parsed.rounds,
        codes=sorted(set(parsed.codes)),
        crowds=parsed.listeners,
        precision=parsed.precision,
    )
    try:
        if parsed.soak is None:
            tables, content, picture = command.bench(wishes)
        else:
            tables, content, picture = *soaked(wishes, count=parsed.soak), None
        if parsed.file:
            command.write(Path(parsed.file), content, picture)
    except OSError as error:
        return _complain(f"it cannot be written: {_reason(error)}", FAILED)
    sys.stdout.write(tables)
    return 0


def _healthcheck(parsed: Namespace) -> int:
    where = _settings(parsed).wyoming.address
    try:
        name = asyncio.run(network.answer(where))
    except OSError as error:
        return _complain(f"nobody answers at {where}: {_reason(error)}", FAILED)
    if name is None:
        return _complain(f"no speech server answers at {where}", FAILED)
    sys.stdout.write(f"{name} answers at {where}\n")
    return 0


def _settings(parsed: Namespace) -> Settings:
    """Load the settings, and begin to log as they say."""
    settings = load(flags(parsed), os.environ)
    log.begin(logging.DEBUG if settings.debug else logging.INFO)
    return settings


@contextmanager
def _blaming(parsed: Namespace) -> Iterator[None]:
    """Turn the lack of a voice or emotion that the settings name into an error of theirs."""
    try:
        yield
    except VoiceNotFoundError as error:
        raise blame(["voice"], str(error), flags(parsed), os.environ) from None
    except EmotionNotFoundError as error:
        raise blame(["stage", "emotion"], str(error), flags(parsed), os.environ) from None


def _lacks(error: ModuleNotFoundError) -> int:
    extra = EXTRAS.get(error.name or "", "indextts2")
    mend = f'pip install "{NAME}[{extra}]"'
    return _complain(f"{error.name} is not installed; run `{mend}`", FAILED)


def _reason(error: OSError) -> str:
    if error.errno is None:
        return str(error) or "it took too long"
    return os.strerror(error.errno).lower()


def _complain(line: str, status: int) -> int:
    sys.stderr.write(f"{NAME}: {line}\n")
    return status
