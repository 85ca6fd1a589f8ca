"""Every error this program raises on purpose, and the one list of their codes.

`SpeechError` carries a `code` (stable, for machines) and a message (for people, without any
path of this machine); an edge turns it into its own wire form and nothing else. Anything that
is not a `SpeechError` is a bug and is allowed to end its connection.
"""

from typing import ClassVar


class SpeechError(Exception):
    """Base of the errors a caller may be told about; its message is safe to send."""

    code: ClassVar[str]


class BadRequestError(SpeechError):
    """A field of the request has the wrong type or an impossible value."""

    code = "bad-request"


class BadHeaderError(SpeechError):
    """The header of a message cannot be read."""

    code = "bad-header"


class BadDataError(SpeechError):
    """The body of a message is not a JSON object."""

    code = "bad-data"


class BadLengthError(SpeechError):
    """A length in a header is not a whole number of bytes; the byte stream is lost."""

    code = "bad-length"


class TooLargeError(SpeechError):
    """A message or text is over its limit."""

    code = "too-large"


class UnauthorizedError(SpeechError):
    """Whoever asks has not said who they are, or not so that it could be believed."""

    code = "unauthorized"


class ForbiddenError(SpeechError):
    """Whoever asks may not."""

    code = "forbidden"


class NotFoundError(SpeechError):
    """What is asked for, other than a voice or an emotion, is not there."""

    code = "not-found"


class VoiceNotFoundError(SpeechError):
    """No voice has that name; the message lists those there are."""

    code = "voice-not-found"


class EmotionNotFoundError(SpeechError):
    """No emotion preset has that name; the message lists those there are."""

    code = "emotion-not-found"


class TargetNotFoundError(SpeechError):
    """No place to announce at has that name; the message lists those there are."""

    code = "target-not-found"


class TargetFailedError(SpeechError):
    """The place to announce at is not reached, or gave up before the sound had ended."""

    code = "target-failed"


class DuplicateError(SpeechError):
    """An announcement with that id was taken a short while ago; it is not spoken twice."""

    code = "duplicate"


class ExpiredError(SpeechError):
    """The announcement's turn came, or it arrived itself, after it had ceased to matter."""

    code = "expired"


class QuietError(SpeechError):
    """Nobody is to be disturbed now; only what is critical, or asks for it, is announced."""

    code = "quiet"


class BusyError(SpeechError):
    """As much is being spoken and waiting as the settings allow; the caller may try again."""

    code = "busy"


class InterruptedSpeechError(SpeechError):
    """Somebody asked for this utterance to stop."""

    code = "cancelled"


class TimedOutError(SpeechError):
    """The other side took longer than its limit."""

    code = "timeout"


class ShutdownError(SpeechError):
    """The server is going down."""

    code = "shutdown"


class ModelLoadingError(SpeechError):
    """The voice's model is being loaded, and no other may speak for it."""

    code = "model-loading"


class EngineFailedError(SpeechError):
    """The engine is gone; what it was speaking is lost, the next utterance may be spoken."""

    code = "engine-failed"


class SynthesisFailedError(SpeechError):
    """The engine could not speak this sentence; others are not affected."""

    code = "synthesis-failed"


class OutOfMemoryError(SpeechError):
    """This sentence needs more memory than the device has left; the next one is spoken."""

    code = "out-of-memory"


class WeightsMissingError(SpeechError):
    """A model's files are not there; the message names the command that fetches them."""

    code = "weights-missing"


class WeightsCorruptError(SpeechError):
    """A model's file is not the one it should be; the message names the mending command."""

    code = "weights-corrupt"


class StorageFullError(SpeechError):
    """The disk takes no more: full, or not to be written; nothing half-written was left behind."""

    code = "storage-full"


class UnsupportedError(SpeechError):
    """What is asked for is understood, and is not something this program does."""

    code = "unsupported"
