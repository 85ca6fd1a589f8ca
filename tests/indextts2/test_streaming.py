"""A segment in chunks, beside the same segment in one shot: what is the same, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.indextts2 import patched
from tests.indextts2.narrow_vocoder import NARROW, filtering
from tests.indextts2.test_graphs import Calling
from wyoming_indextts.indextts2 import mel
from wyoming_indextts.indextts2.decoding import decode
from wyoming_indextts.indextts2.graphs import Graphs
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.plan import CONTEXT, FIRST, HELD, Pace
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.rendering import Manner, Quality, Rendering
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.segment import Segment
from wyoming_indextts.indextts2.trial import nobody
from wyoming_indextts.indextts2.utterance import Means, speak
from wyoming_indextts.indextts2.work import Work

AT_ONCE = Pace()
"""Of a machine so fast that there are two chunks."""

SLOWISH = Pace(code=2e-3, flow=2e-4, wave=1e-4)
"""Of one that takes more of them."""

TOKENS = (5, 17, 33, 8, 21, 40, 12, 9)
OTHERS = (7, 30, 11, 26)
SEED = 4
"""With it neither of them runs away."""

STEPS = 3
PROMPT = 258
"""Frames of three seconds."""

SENTENCE = 250
"""Codes of five seconds."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = patched.well_behaved(tmp_path_factory.mktemp("model"))
    return load_model(folder, device=torch.device("cpu"), dtypes=Dtypes.of(torch.float32))


@pytest.fixture(scope="module")
def quality(model: Model) -> Quality:
    with torch.inference_mode():
        return Quality(model.speaking.schedule(STEPS), 0.7, Sampling())


@pytest.fixture(scope="module")
def prompt(model: Model) -> VoicePrompt:
    """Return a prompt of random numbers: three seconds of nobody."""
    chance = torch.Generator().manual_seed(5)
    like = nobody(model, codes=150)
    assert like.mel.shape[-1] == PROMPT
    noisy = (torch.randn(part.shape, generator=chance) for part in (like.mel, like.condition))
    loud, condition = noisy
    return VoicePrompt(
        like.features, like.codes, like.style, loud - 4.0, condition, like.latents, like.emotion
    )


@dataclass
class Voice:
    """Speaks tokens and keeps count."""

    model: Model
    quality: Quality
    prompt: VoicePrompt

    def steps(
        self, tokens: tuple[int, ...], work: Work, pace: Pace | None, seed: int = SEED
    ) -> Iterator[Tensor | None]:
        manner = Manner(self.prompt, self.prompt.emotion, 1.0, seed)
        means = Means.of(self.model.speaking, self.quality)
        return speak(means, tokens, manner, work=work, pace=pace)

    def say(
        self, tokens: tuple[int, ...], pace: Pace | None, seed: int = SEED
    ) -> tuple[list[Tensor], Work]:
        work = Work()
        waves = [wave for wave in self.steps(tokens, work, pace, seed) if wave is not None]
        return waves, work

    def rendering(self, work: Work) -> Rendering:
        manner = Manner(self.prompt, self.prompt.emotion, 1.0, SEED)
        euler = Means.of(self.model.speaking, self.quality).euler
        return Rendering(self.model.speaking, euler, manner, work)


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture
def voice(model: Model, quality: Quality, prompt: VoicePrompt) -> Voice:
    return Voice(model, quality, prompt)


def rendered(
    voice: Voice, cuts: tuple[int, ...], *, louder: float = 0.0
) -> tuple[list[Tensor], list[Tensor], Work]:
    """Return the mels after each chunk, the waves and the counts of one segment of any codes.

    With `louder` what was given is changed by so much before the next chunk is made.
    """
    chance = torch.Generator().manual_seed(1)
    nets = voice.model.speaking
    codes = torch.randint(0, len(nets.meanings), (cuts[-1],), generator=chance).tolist()
    width = voice.prompt.latents.shape[-1]
    latents = [torch.randn(1, 1, width, generator=chance) for _ in codes]
    work = Work()
    rendering = voice.rendering(work)
    mels, waves = [], []
    for cut in cuts:
        chunk = rendering.chunk(codes[:cut], latents[:cut], last=cut == cuts[-1])
        while True:
            try:
                next(chunk)
            except StopIteration as end:
                waves.append(end.value)
                break
        mels.append(rendering.mel)
        rendering.mel = rendering.mel + louder
    return mels, waves, work


def test_the_first_sound_leaves_while_codes_are_still_decoded(voice: Voice) -> None:
    waves, work = voice.say(TOKENS, AT_ONCE)
    assert len(waves) == 2
    assert work.passes_at_first == FIRST
    assert len(work.codes) > FIRST + 8
    assert work.passes_at_first < work.passes


@pytest.mark.parametrize("pace", [AT_ONCE, SLOWISH])
def test_streamed_codes_are_those_of_one_shot(voice: Voice, pace: Pace) -> None:
    (streamed, work), (whole, once) = voice.say(TOKENS, pace), voice.say(TOKENS, None)
    assert work.codes == once.codes
    assert len(whole) == 1
    assert sum(map(len, streamed)) == len(whole[0])


def test_with_everything_recorded_a_segment_sounds_the_same(voice: Voice) -> None:
    """As on a card: text, codes and sound by a recorder that replays by calling."""
    recorder = Calling()
    speaking = replace(voice.model.speaking, graphs=Graphs(recorder))
    recorded = replace(voice, model=replace(voice.model, speaking=speaking))
    for pace in (AT_ONCE, None):
        (waves, work), (wanted, called) = recorded.say(TOKENS, pace), voice.say(TOKENS, pace)
        assert work.codes == called.codes
        torch.testing.assert_close(torch.cat(waves), torch.cat(wanted), rtol=0, atol=1e-5)
    assert recorder.recorded


def test_each_code_is_one_pass(voice: Voice) -> None:
    _, work = voice.say(TOKENS, AT_ONCE)
    assert work.passes == len(work.codes) + 1  # the last gave the stop code
    opening = 34 + len(TOKENS) + 3  # latents and speeds, the text between two marks, the start
    codes = len(work.codes)
    assert work.places == codes * opening + codes * (codes + 1) // 2


@pytest.mark.parametrize("pace", [AT_ONCE, SLOWISH, None])
def test_any_interleaving_gives_each_the_samples_it_has_alone(
    voice: Voice, pace: Pace | None
) -> None:
    alone = [torch.cat(voice.say(tokens, pace)[0]) for tokens in (TOKENS, OTHERS)]
    for seed in range(3):
        chance = torch.Generator().manual_seed(seed)
        left = [voice.steps(tokens, Work(), pace) for tokens in (TOKENS, OTHERS)]
        heard: list[list[Tensor]] = [[], []]
        done = [False, False]
        while not all(done):
            who = int(torch.randint(0, 2, (), generator=chance))
            wave = next(left[who], "end")
            if isinstance(wave, str):
                done[who] = True
            elif wave is not None:
                heard[who].append(wave)
        for before, together in zip(alone, heard, strict=True):
            torch.testing.assert_close(torch.cat(together), before, rtol=0, atol=0)


def test_cancelling_at_any_step_leaves_nothing_behind(voice: Voice) -> None:
    fresh = torch.cat(voice.say(OTHERS, AT_ONCE)[0])
    whole = sum(1 for _ in voice.steps(TOKENS, Work(), AT_ONCE))
    for stop in range(1, whole, max(1, whole // 12)):
        steps = voice.steps(TOKENS, Work(), AT_ONCE)
        for _ in range(stop):
            next(steps)
        del steps
        torch.testing.assert_close(torch.cat(voice.say(OTHERS, AT_ONCE)[0]), fresh, rtol=0, atol=0)


def test_emitted_frames_never_change(voice: Voice) -> None:
    mels, _, _ = rendered(voice, (24, 60, 110, SENTENCE))
    for earlier, later in pairwise(mels):
        torch.testing.assert_close(later[..., : earlier.shape[-1]], earlier, rtol=0, atol=0)


def test_far_from_a_join_the_mel_is_that_of_one_shot(voice: Voice) -> None:
    (whole,), _, _ = rendered(voice, (SENTENCE,))
    (first, chunked), _, _ = rendered(voice, (FIRST, SENTENCE))
    off = (chunked - whole).abs().mean(dim=1)[0] / whole.std()
    join = first.shape[-1]
    assert off[join + HELD :].mean() < 0.01
    assert off.mean() < 0.1


def test_a_chunk_hears_what_was_given_before(voice: Voice) -> None:
    (first, plain), _, _ = rendered(voice, (FIRST, SENTENCE))
    (_, other), _, _ = rendered(voice, (FIRST, SENTENCE), louder=1.0)
    join = first.shape[-1]
    moved = (other - plain)[..., join:].abs().mean(dim=1)[0]
    assert moved[:HELD].mean() > 0.005


def test_the_stream_is_its_mel_vocoded_in_one_shot(voice: Voice) -> None:
    nets = replace(voice.model.speaking, vocoder=filtering(NARROW))
    voice = replace(voice, model=replace(voice.model, speaking=nets))
    mels, waves, _ = rendered(voice, (24, 90, SENTENCE))
    whole = nets.vocoder(mels[-1])[0]
    assert (torch.cat(waves) - whole).abs().max() <= 1e-4


def test_a_join_jumps_no_further_than_the_sound_does_elsewhere(voice: Voice) -> None:
    _, waves, _ = rendered(voice, (24, 90, SENTENCE))
    jumps = torch.cat(waves).diff().abs()
    usual = jumps.quantile(0.999)
    joins = torch.tensor([len(wave) for wave in waves[:-1]]).cumsum(0) - 1
    assert (jumps[joins] <= usual).all()


def test_two_chunks_cost_less_than_the_goals(voice: Voice) -> None:
    _, _, once = rendered(voice, (SENTENCE,))
    mels, _, work = rendered(voice, (FIRST, SENTENCE))
    assert once.frame_steps == STEPS * (PROMPT + mels[-1].shape[-1])
    assert once.pinned_steps == STEPS * PROMPT
    assert once.frame_pairs == once.frame_steps**2 / STEPS
    assert work.frame_steps / once.frame_steps <= 1.7
    assert work.given == mels[-1].shape[-1] == once.given
    assert work.waves / work.given <= 1.15
    # what docs/streaming.md says
    assert work.frame_steps / once.frame_steps == pytest.approx(1.43, abs=0.005)
    assert work.waves / work.given == pytest.approx(1.07, abs=0.005)
    assert once.waves == once.given


def test_the_first_chunk_gives_all_but_what_is_held_back(voice: Voice) -> None:
    _, waves, _ = rendered(voice, (FIRST, SENTENCE))
    assert len(waves[0]) == (172 * FIRST // 100 - HELD - CONTEXT) * mel.HOP


def test_a_loop_that_was_heard_already_is_not_spoken_again(tmp_path: Path) -> None:
    looping = load_model(
        patched.looping(tmp_path), device=torch.device("cpu"), dtypes=Dtypes.of(torch.float32)
    )
    quality = Quality(looping.speaking.schedule(STEPS), 0.7, Sampling())
    voice = Voice(looping, quality, nobody(looping, codes=50))
    waves, work = voice.say(TOKENS, AT_ONCE)
    assert work.passes_at_first == FIRST
    assert len(work.codes) == FIRST  # what was heard stays, and nothing of the loop is added
    assert sum(map(len, waves)) == 172 * FIRST // 100 * mel.HOP


def test_what_ran_away_is_spoken_from_another_seed(voice: Voice) -> None:
    (_, work), (_, usual) = voice.say(TOKENS, None, SEED - 1), voice.say(TOKENS, None, SEED)
    assert work.passes > 2 * usual.passes
    assert work.codes == usual.codes


def test_what_was_read_before_the_text_is_read_once(voice: Voice) -> None:
    nets, prompt = voice.model.speaking, voice.prompt
    segment = nets.segment(TOKENS, prompt.latents, prompt.emotion)
    known = nets.segment(
        TOKENS, prompt.latents, prompt.emotion, nets.prefix(prompt.latents, prompt.emotion)
    )

    def decoded(one: Segment) -> list[tuple[int, Tensor]]:
        chance = torch.Generator().manual_seed(SEED)
        pairs = decode(nets.voice, one, max_codes=60, sampling=Sampling(), generator=chance)
        return list(pairs)

    assert known.prefix is not None
    before = known.prefix.held.clone()
    for (code, latent), (same, near) in zip(decoded(segment), decoded(known), strict=True):
        assert code == same
        torch.testing.assert_close(near, latent, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(known.prefix.held, before, rtol=0, atol=0)


def test_by_the_positions_of_training_other_codes_are_drawn(voice: Voice) -> None:
    trained = replace(voice, quality=replace(voice.quality, training_positions=True))
    (waves, work), (_, usual) = trained.say(OTHERS, AT_ONCE), voice.say(OTHERS, AT_ONCE)
    assert waves
    assert work.codes != usual.codes
