"""What the command line accepts."""

import argparse
import math
from typing import Final, NoReturn
from urllib.parse import urlsplit

from wyoming_indextts import __version__
from wyoming_indextts.cli.measuring import add_bench
from wyoming_indextts.cli.moments import moment
from wyoming_indextts.remote.options import websocket_url
from wyoming_indextts.settings import Address
from wyoming_indextts.settings.places import NAME
from wyoming_indextts.store.weights import MODELS

MISUSED: Final = 2
"""Exit status when arguments or settings are wrong; argparse's own."""

ALONE: Final = frozenset({"-h", "--help", "--version"})
"""First arguments that do not mean `serve`."""

STANDARD_INPUT: Final = "-"
"""In place of a text to say: it is read while it is written."""

SETTINGS: Final = {
    "config": "config",
    "debug": "debug",
    "data_dir": "data_dir",
    "cache_dir": "cache_dir",
    "engine": "engine",
    "remote": "remote.url",
    "voice": "voice",
    "uri": "wyoming.uri",
    "zeroconf": "wyoming.zeroconf",
    "http": "http.listen",
    "in_process": "process.in_process",
    "accept_licence": "accept_licence",
}
"""Arguments that are settings, and the dotted path of each."""


def parse(given: list[str]) -> argparse.Namespace:
    """Return the arguments; `command` is which, None a flag that was not given.

    No command means `serve`. Exits with a line on standard error if they are wrong.
    """
    if not given or (given[0].startswith("-") and given[0] not in ALONE):
        given = ["serve", *given]
    return _parser().parse_args(given)


def flags(parsed: argparse.Namespace) -> dict[str, object]:
    """Return the arguments that are settings, by dotted path."""
    chosen = {
        path: value
        for name, path in SETTINGS.items()
        if (value := getattr(parsed, name, None)) is not None
    }
    return chosen | (getattr(parsed, "mqtt", None) or {})


def _broker(text: str) -> dict[str, object]:
    """Return the settings that a broker's address stands for.

    Raises:
        ArgumentTypeError: it is none.
    """
    if text == "off":
        return {"mqtt.host": None}
    wrong = argparse.ArgumentTypeError(
        f"must be mqtt://HOST:PORT, mqtts://HOST:PORT or off: {text}"
    )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("mqtt", "mqtts") or not host or not text.endswith(parts.netloc):
        raise wrong
    if "@" in parts.netloc:
        raise argparse.ArgumentTypeError("a password is no flag: mqtt.password_file names its file")
    return {"mqtt.host": host, "mqtt.port": port, "mqtt.tls": parts.scheme == "mqtts"}


class _Parser(argparse.ArgumentParser):
    """Complains in one line; `--help` tells the rest."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        NAME, description="The voice of a house: speech over Wyoming.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, dest="command")
    serve = _command(commands, "serve", "Serve Wyoming clients until stopped (the default).")
    _add_uri(serve)
    serve.add_argument("--voice", help="the default voice")
    serve.add_argument(
        "--zeroconf",
        nargs="?",
        const=True,
        metavar="NAME",
        help="let Home Assistant find it by itself (the default), by that name if one is given",
    )
    serve.add_argument("--no-zeroconf", dest="zeroconf", action="store_const", const=False)
    serve.add_argument(
        "--http", metavar="HOST:PORT|off", help="where the page and the HTTP interface are"
    )
    serve.add_argument(
        "--mqtt", type=_broker, metavar="mqtt[s]://HOST:PORT|off", help="the MQTT broker"
    )
    _add_engine(serve)
    serve.add_argument(
        "--engine-in-process",
        dest="in_process",
        action="store_true",
        default=None,
        help="run the engine inside the server's own process",
    )
    serve.add_argument(
        "--accept-licence",
        action="store_true",
        default=None,
        help="accept the licences of IndexTTS2's weights and download them meanwhile",
    )
    _add_say(_command(commands, "say", "Say a text, through a server or without one."))
    _add_voices(commands.add_parser("voices", help="Whose voices there are.", allow_abbrev=False))
    _add_download(_command(commands, "download", "Fetch a model's weights, or check them."))
    doctor = _command(commands, "doctor", "Say what was found here, and what mends the rest.")
    _add_uri(doctor)
    _add_engine(doctor)
    form = doctor.add_mutually_exclusive_group()
    _add_json(form)
    form.add_argument(
        "--report", action="store_true", help="write a text for an issue, without secrets"
    )
    _add_audit(_command(commands, "audit", "Show who did what here, or check that record."))
    add_bench(_command(commands, "bench", "Measure IndexTTS2 here, with random weights."))
    _add_uri(_command(commands, "healthcheck", "Succeed if a server answers within 5 seconds."))
    return parser


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, about: str
) -> argparse.ArgumentParser:
    """Add a command with the flags that all have."""
    parser = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
    parser.add_argument("--config", metavar="FILE", help="the settings file")
    parser.add_argument("--data-dir", metavar="DIR", help="the folder of what you add")
    parser.add_argument("--cache-dir", metavar="DIR", help="the folder of what can be made again")
    parser.add_argument("--debug", action="store_true", default=None, help="log every step")
    return parser


def _add_say(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text",
        nargs="?",
        default=STANDARD_INPUT,
        metavar="TEXT",
        help="what to say; - or nothing: standard input, while it is written",
    )
    _add_output(parser)
    parser.add_argument("--voice", dest="wanted_voice", metavar="VOICE", help="whose voice")
    parser.add_argument("--emotion", help="in which emotion, in English or Chinese")
    parser.add_argument("--intensity", type=_fraction, metavar="X", help="of the emotion: 0 to 1")
    _add_engine(parser)


def _add_voices(parser: _Parser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True, dest="subcommand")
    _add_json(_command(commands, "list", "List the voices, and the emotions they speak in."))
    _add_enrolment(_command(commands, "add", "Add a person's voice, cloned from a recording."))
    remove = _command(commands, "remove", "Remove an added voice and all that was made of it.")
    remove.add_argument("name", metavar="NAME", help="which one")
    preview = _command(commands, "preview", "Hear a voice say a sentence.")
    preview.add_argument("wanted_voice", metavar="NAME", help="which one, or NAME-EMOTION")
    _add_output(preview)
    _add_engine(preview)


def _add_enrolment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="its name for programs, such as mum")
    parser.add_argument(
        "clip", metavar="FILE", help="3 to 30 seconds of one person: wav, flac, mp3 or ogg"
    )
    parser.add_argument("--display-name", metavar="NAME", help="its name for people")
    parser.add_argument(
        "--language",
        action="append",
        metavar="TAG",
        help="one that it is to be offered for, such as zh-CN; may be given again",
    )
    parser.add_argument("--sex", choices=("female", "male"), help="default: the stand-in's")
    parser.add_argument(
        "--stand-in",
        metavar="VOICE",
        help="the embedded voice that speaks for it while IndexTTS2 cannot; default: by its sex",
    )
    parser.add_argument(
        "--best-seconds", action="store_true", help="keep the best 3 to 6 seconds: quicker speech"
    )
    parser.add_argument("--consent-by", metavar="WHO", help="the person, who agrees to all this")
    parser.add_argument("--statement", metavar="TEXT", help="what the person agrees to")
    parser.add_argument("--purpose", metavar="TEXT", help="what the voice is for")


def _add_audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", type=moment, metavar="WHEN", help="from then on: 90m, 2h, 3d, or a date and time"
    )
    parser.add_argument(
        "--action", metavar="ACTION", help="such as voice.create, voice, speak or refused"
    )
    parser.add_argument("--actor", metavar="TEXT", help="an address, or the id of a token")
    parser.add_argument(
        "-n",
        dest="number",
        type=_count,
        default=100,
        metavar="N",
        help="at most so many, the newest; 0: all (default: 100)",
    )
    parser.add_argument(
        "--verify", action="store_true", help="say whether a line was changed, added or removed"
    )
    _add_json(parser)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        dest="output",
        metavar="FILE.wav",
        help="record instead of playing; -: standard output",
    )
    parser.add_argument(
        "--server", type=_address, metavar="tcp://HOST:PORT", help="the server that is to speak"
    )


def _add_download(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", choices=tuple(MODELS), help="whose weights")
    parser.add_argument(
        "--mirror", type=_web_address, metavar="URL", help="a mirror of huggingface.co"
    )
    parser.add_argument(
        "--accept-licence", action="store_true", help="accept the weights' licences unread"
    )
    parser.add_argument(
        "--offline", action="store_true", help="fetch nothing; check every byte that is there"
    )


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        choices=("auto", "embedded", "indextts2", "remote"),
        help="what makes the speech",
    )
    parser.add_argument(
        "--remote",
        type=_far_side,
        metavar="URL",
        help="another wyoming-indextts that makes it: ws://HOST:8080",
    )


def _add_uri(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--uri", metavar="tcp://HOST:PORT", help="where the server listens")


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON")


def _address(uri: str) -> Address:
    try:
        return Address.parse(uri)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(f"must be http(s)://HOST, not {url!r}")
    return url


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a number of entries, not {text!r}")
    return int(text)


def _far_side(url: str) -> str:
    try:
        websocket_url(url)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return url


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, not {text!r}")
    return value
