"""What the command line accepts of `bench`."""

import argparse
from typing import Final, get_args

from wyoming_indextts.indextts2.options import Precision

MOST_ROUNDS: Final = 1000

FEWEST_REQUESTS, MOST_REQUESTS = 100, 1_000_000
"""Of a soak."""

LEAST_CODES: Final = 5
"""Of a token of text."""

MOST_CODES: Final = 250
"""Of a text that is one sentence for the server."""


def add_bench(parser: argparse.ArgumentParser) -> None:
    """Give a parser what `bench` takes."""
    parser.add_argument(
        "--device", choices=("cuda", "cpu"), default="cpu", help="what is measured (cpu)"
    )
    parser.add_argument("--small", action="store_true", help="with small weights: minutes on a CPU")
    parser.add_argument(
        "--precision",
        choices=get_args(Precision),
        default="auto",
        help="what ours computes in (auto, as the server does)",
    )
    parser.add_argument(
        "--against",
        choices=("indextts2-inference",),
        help="measure the reference package beside it, in an environment of its own",
    )
    parser.add_argument(
        "--environment", metavar="PYTHON", help="the Python of one that has it; default: made"
    )
    parser.add_argument(
        "--rounds", type=_rounds, default=3, metavar="N", help="how often each text is spoken (3)"
    )
    parser.add_argument(
        "--codes",
        type=_codes,
        nargs="+",
        default=[50, 250],
        metavar="N",
        help="of the texts, multiples of 5 (50 250)",
    )
    parser.add_argument(
        "--no-listeners",
        dest="listeners",
        action="store_false",
        help="measure neither many listeners at once, nor hanging up, nor starts",
    )
    parser.add_argument(
        "--soak",
        type=_requests,
        metavar="N",
        help="instead: what our server holds while it answers N mixed requests (100 to 1000000)",
    )
    parser.add_argument(
        "--json",
        dest="file",
        metavar="FILE",
        help="where all of it goes as JSON; a picture goes beside it, as .svg",
    )


def _requests(text: str) -> int:
    if not text.isdecimal() or not FEWEST_REQUESTS <= int(text) <= MOST_REQUESTS:
        wanted = f"must be from {FEWEST_REQUESTS} to {MOST_REQUESTS}"
        raise argparse.ArgumentTypeError(f"{wanted}, not {text!r}")
    return int(text)


def _rounds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ROUNDS:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MOST_ROUNDS}, not {text!r}")
    return int(text)


def _codes(text: str) -> int:
    codes = int(text) if text.isdecimal() else 0
    if codes % LEAST_CODES or not LEAST_CODES <= codes <= MOST_CODES:
        raise argparse.ArgumentTypeError(
            f"must be a multiple of 5 from 5 to {MOST_CODES}, not {text!r}"
        )
    return codes
