"""The composition root: the only file that knows every room.

Settings go in; out come a speaker (for `say` and `doctor`) or the whole server.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.kokoro.engine import KokoroOptions
from wyoming_indextts.kokoro.engine import load as load_kokoro
from wyoming_indextts.kokoro.voices import RATE, bundled_and_found
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.presets import parse_presets
from wyoming_indextts.speech.runner import Runner
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions
from wyoming_indextts.speech.stage import Delivery, Stage
from wyoming_indextts.speech.voices import Voices

log = logging.getLogger(__name__)
