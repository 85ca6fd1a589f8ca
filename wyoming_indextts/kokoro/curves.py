"""The nodes that put Kokoro's prosody in reach: they go where the network makes its curves.

F frames of 25 ms, 2F points of the curves of F0 and energy, T tokens:

    /encoder/F0_proj   (1, 1, 2F)   Hz; changed by the inputs `f0_center`, `f0_shift`, `f0_range`
    /encoder/N_proj    (1, 1, 2F)   energy; changed by the input `energy`
    /encoder/MatMul_1  (1, 512, F)  what is said, frame by frame
    /encoder/Reshape*  (1, 2F)      both curves on their way to the decoder

The last three are also shortened to the frames in which there is sound, and a margin. Every run
begins and ends with half a second of silence or more, and the decoder, where nine tenths of the
work are, would compute it only to be thrown away. `speed` becomes a number for each token.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

CONTROLS: Final = ("f0_center", "f0_shift", "f0_range", "energy")
"""New inputs, float32 (1,).

Where there is voice, F0 becomes center * (F0 / center) ** range * shift; `energy` is added.
"""

SPEED: Final = "speed"
"""An input of the export, float32 (1,), that becomes float32 (1, T): a factor for each token."""

VOICED: Final = 20.0
"""Hz; where the curve of F0 is below this there is no voice (it is 5 to 15 in silence)."""

AUDIBLE: Final = -2.0
"""Energy above which there is sound: silence is -4 to -10, the softest consonants about 0."""

MARGIN_BEFORE: Final = 12
"""Frames kept before the first audible one (0.3 s).

The decoder normalises each channel over time, and learned to with the silence in: 12 and 16 are
the fewest at which speech recognition finds no difference (8 and 10 cost short words their
ends).
"""

MARGIN_AFTER: Final = 16
"""Frames kept from the last audible one on (0.4 s)."""

SPARED: Final = 6
"""Frames by which the margin before is shorter where there is so much sound that its silence hardly
counts in those norms: over 48 sentences of three voices speech recognition errs as before (.030
for .029); with the margin after shorter too it errs more (.038)."""

SOUND_PER_SPARED: Final = 20
"""Frames of sound that spare one frame: all are spared from 3 s on."""

_F0: Final = "/encoder/F0_proj/Conv_output_0"
_ENERGY: Final = "/encoder/N_proj/Conv_output_0"
_SAID: Final = "/encoder/MatMul_1_output_0"
_CURVES: Final = ("/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0")

REQUIRED: Final = frozenset({_F0, _ENERGY, _SAID, *_CURVES})
"""Values that a network must have to be given these inputs."""


def controlled(node: NodeProto) -> Iterator[NodeProto]:
    """Yield `node` and, where it makes one of the curves, the nodes that change it."""
    name = node.output[0]
    if name not in REQUIRED:
        yield node
        return
    made = NodeProto()
    made.CopyFrom(node)
    made.output[0] = f"{name}_made"
    yield made
    if name == _F0:
        yield from _change_f0(made.output[0], name)
    elif name == _ENERGY:
        yield _node("Add", made.output[0], "energy", to=name)
        yield from _find_sound(made.output[0])
    elif name == _SAID:
        yield _node("Slice", made.output[0], "sound/first", "sound/end", "sound/2", to=name)
    else:
        points = ("sound/first_point", "sound/end_point")
        yield _node("Slice", made.output[0], *points, "sound/1", to=name)


def inputs() -> Iterator[ValueInfoProto]:
    """Yield the declarations of the new inputs and of `SPEED` as it is now."""
    for name in CONTROLS:
        yield helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
    yield helper.make_tensor_value_info(SPEED, TensorProto.FLOAT, [1, "sequence_length"])


def constants() -> Iterator[TensorProto]:
    """Yield the numbers that the new nodes use."""
    yield numpy_helper.from_array(np.array([VOICED], np.float32), "f0/voiced_from")
    yield numpy_helper.from_array(np.array([AUDIBLE], np.float32), "sound/audible_from")
    for number in {0, 1, 2, MARGIN_BEFORE, MARGIN_AFTER, SPARED, SOUND_PER_SPARED}:
        yield numpy_helper.from_array(np.array([number], np.int64), f"sound/{number}")


def _change_f0(made: str, changed: str) -> Iterator[NodeProto]:
    yield _node("Greater", made, "f0/voiced_from", to="f0/is_voiced")
    yield _node("Max", made, "f0/voiced_from", to="f0/positive")
    yield _node("Div", "f0/positive", "f0_center", to="f0/relative")
    yield _node("Pow", "f0/relative", "f0_range", to="f0/ranged")
    yield _node("Mul", "f0_center", "f0_shift", to="f0/moved")
    yield _node("Mul", "f0/ranged", "f0/moved", to="f0/changed")
    yield _node("Where", "f0/is_voiced", "f0/changed", made, to=changed)


def _find_sound(energy: str) -> Iterator[NodeProto]:
    """Give the first frame of sound and the frame after the last, margins included."""
    yield _node("Greater", energy, "sound/audible_from", to="sound/is_audible")
    yield _node("Cast", "sound/is_audible", to="sound/audible", options={"to": TensorProto.FLOAT})
    for end, last in (("first", 0), ("last", 1)):
        along = {"axis": 2, "keepdims": 0, "select_last_index": last}
        yield _node("ArgMax", "sound/audible", to=f"sound/{end}_found", options=along)
        yield _node("Reshape", f"sound/{end}_found", "sound/1", to=f"sound/{end}_audible_point")
        yield _node("Div", f"sound/{end}_audible_point", "sound/2", to=f"sound/{end}_audible")
    yield _node("Sub", "sound/last_audible", "sound/first_audible", to="sound/length")
    yield _node("Div", "sound/length", f"sound/{SOUND_PER_SPARED}", to="sound/parts")
    yield _node("Min", "sound/parts", f"sound/{SPARED}", to="sound/spared")
    yield _node("Sub", "sound/first_audible", f"sound/{MARGIN_BEFORE}", to="sound/early")
    yield _node("Add", "sound/early", "sound/spared", to="sound/before")
    yield _node("Max", "sound/before", "sound/0", to="sound/first")
    yield _node("Add", "sound/last_audible", f"sound/{MARGIN_AFTER}", to="sound/end")
    for end in ("first", "end"):
        yield _node("Mul", f"sound/{end}", "sound/2", to=f"sound/{end}_point")


def _node(
    operator: str, *inputs: str, to: str, options: Mapping[str, int] | None = None
) -> NodeProto:
    node = helper.make_node(operator, list(inputs), [to], name=f"{to}/{operator}")
    node.attribute.extend(helper.make_attribute(*option) for option in (options or {}).items())
    return node
