"""The command line: reads the arguments, loads the settings, hands over to the command.

Exit status: 0 done, 1 it went wrong (one line says why), 2 the arguments or settings are wrong.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from wyoming_indextts import __version__
from wyoming_indextts.doctor import network
from wyoming_indextts.edges.wyoming import client
from wyoming_indextts.errors import EmotionNotFoundError, SpeechError, VoiceNotFoundError
from wyoming_indextts.say import player, recording, words
from wyoming_indextts.say.command import Speak, say, speak_here
from wyoming_indextts.say.output import Output, OutputError
from wyoming_indextts.settings import Address, Settings, SettingsError, blame, load
from wyoming_indextts.settings.places import NAME
from wyoming_indextts.speech.lexicon import LexiconError
from wyoming_indextts.speech.presets import PresetError
from wyoming_indextts.speech.request import Request

FAILED: Final = 1
"""Exit status: it went wrong."""

MISUSED: Final = 2
"""Exit status: the arguments or the settings are wrong; argparse's own."""

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it."""

LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"

HELD_BACK: Final = frozenset({"-h", "--help", "--version"})
"""First arguments that do not mean `serve`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in HELD_BACK):
        given.insert(0, "serve")
    parsed = _parser().parse_args(given)
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except (SettingsError, PresetError, LexiconError) as error:
        return _complain(str(error), MISUSED)
    except SpeechError as error:
        return _complain(f"{error.code}: {error}", FAILED)
    except OutputError as error:
        return _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _serve(parsed: argparse.Namespace) -> int:
    from wyoming_indextts import app  # noqa: PLC0415 - see `_parser`

    settings = _settings(parsed)
    try:
        return asyncio.run(app.serve(settings))
    except VoiceNotFoundError as error:
        raise blame(["voice"], str(error), _flags(parsed), os.environ) from None
    except EmotionNotFoundError as error:
        raise blame(["stage", "emotion"], str(error), _flags(parsed), os.environ) from None
    except OSError as error:
        address = settings.wyoming.address
        return _complain(f"cannot listen at {address}: {error.strerror or error}", FAILED)


def _say(parsed: argparse.Namespace) -> int:
    settings = _settings(parsed)
    text = words.written(sys.stdin.buffer) if parsed.text == "-" else words.whole(parsed.text)
    request = Request(
        "say", voice=parsed.speaker, emotion=parsed.emotion, intensity=parsed.intensity
    )
    server: Address | None = parsed.server
    speak = _here(settings) if server is None else partial(client.speak, server.host, server.port)
    try:
        asyncio.run(say(text, request, speak, _output(parsed.output)))
    except OSError as error:
        return _complain(f"nobody answers at {server}: {error.strerror or error}", FAILED)
    return 0


def _here(settings: Settings) -> Speak:
    from wyoming_indextts import app  # noqa: PLC0415 - see `_parser`

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


def _voices(parsed: argparse.Namespace) -> int:
    from wyoming_indextts import app, listing  # noqa: PLC0415 - see `_parser`

    casting = app.cast(_settings(parsed))
    listing.show_voices(casting, as_json=parsed.json)
    return 0


def _doctor(parsed: argparse.Namespace) -> int:
    from wyoming_indextts import app  # noqa: PLC0415 - see `_parser`
    from wyoming_indextts.doctor import examination, report  # noqa: PLC0415 - likewise

    _log(logging.ERROR)
    examined = examination.examine(_flags(parsed), os.environ, app.cast, app.speaking)
    findings = asyncio.run(report.follow(examined, as_json=parsed.json))
    return FAILED if any(found.state == "error" for found in findings) else 0


def _healthcheck(parsed: argparse.Namespace) -> int:
    address = _settings(parsed).wyoming.address
    try:
        name = asyncio.run(network.answer(address))
    except OSError as error:
        return _complain(f"nobody answers at {address}: {error.strerror or 'too late'}", FAILED)
    if name is None:
        return _complain(f"what answers at {address} is no speech server", FAILED)
    sys.stdout.write(f"{name} answers at {address}\n")
    return 0


class _Parser(argparse.ArgumentParser):
    """Complains in one line; `--help` tells the rest."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    """Return the parser; it sets `run` to the command's function.

    The voice's libraries take a second to import, so commands that need none of them, such as
    a health check every few seconds, import none.
    """
    parser = _Parser(NAME, description="The voice of a house.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], about: str) -> _Parser:
        added = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
        added.set_defaults(run=run)
        _add_common(added)
        return added

    serve = command("serve", _serve, "Serve Wyoming clients until stopped (the default).")
    _add_uri(serve)
    serve.add_argument("--voice", metavar="VOICE", help="the default voice")
    _add_say(command("say", _say, "Speak a text, through a server or without one."))
    voices = commands.add_parser("voices", help="Which voices there are.", allow_abbrev=False)
    commands = voices.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    _add_json(command("list", _voices, "List the voices and the emotions they speak in."))
    doctor = command("doctor", _doctor, "Say what was found here, and what mends what is amiss.")
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="the settings file")
    parser.add_argument(
        "--engine", choices=("auto", "embedded"), help="what makes the speech (default: auto)"
    )
    parser.add_argument("--data-dir", metavar="DIR", help="the folder of what you add")
    parser.add_argument(
        "--cache-dir", metavar="DIR", help="the folder of what can be made again (cache_hub)"
    )
    parser.add_argument(
        "--debug", action="store_true", default=None, help="log every step"
    )
