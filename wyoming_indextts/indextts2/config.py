"""The sizes of all nets, read strictly from the configuration files beside the weights.

A key that a net depends on must be there and fit; one that says nothing about the nets is known
by name; any other is refused, for it may describe a model that is not this one.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.bigvgan import BigVGANSizes
from wyoming_indextts.indextts2.conformer import ConformerSizes
from wyoming_indextts.indextts2.dit import STYLE, FlowSizes
from wyoming_indextts.indextts2.emotion import WIDTH as EMOTION_WIDTH
from wyoming_indextts.indextts2.faults import corrupt, later_version, missing
from wyoming_indextts.indextts2.latent_projection import FEATURES
from wyoming_indextts.indextts2.length_regulator import RegulatorSizes
from wyoming_indextts.indextts2.mel import BINS, FRAME, HOP, RATE
from wyoming_indextts.indextts2.perceiver import PerceiverSizes
from wyoming_indextts.indextts2.repcodec import RepCodecSizes
from wyoming_indextts.indextts2.section import Section
from wyoming_indextts.indextts2.voice_lm import (
    SPARE_CODE_PLACES,
    SPARE_TEXT_PLACES,
    VoiceSizes,
)
from wyoming_indextts.indextts2.w2v_bert import W2vBertSizes, read_w2v_bert_sizes
from wyoming_indextts.indextts2.wavenet import WaveNetSizes

SPEAKER_LATENTS: Final = 32
"""Latents of a speaker; fixed in the reference."""

EMOTIONS: Final = 8
"""Groups of recorded examples, one for each weight."""

LATER_VERSION: Final = 2.5

LATER_TEXTS: Final = 60_509
"""Text tokens of IndexTTS 2.5, whose files may call themselves 2.0."""


@dataclass(frozen=True, slots=True)
class ClipSizes:
    """Sizes of the two nets that make latents of a clip."""

    conformer: ConformerSizes
    perceiver: PerceiverSizes


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes of every net; `emotion_groups` counts the recorded examples of each emotion."""

    voice: VoiceSizes
    speaker: ClipSizes
    emotion: ClipSizes
    emotion_groups: tuple[int, ...]
    codec: RepCodecSizes
    w2v_bert: W2vBertSizes
    regulator: RegulatorSizes
    flow: FlowSizes
    vocoder: BigVGANSizes


def read_config(folder: Path) -> Config:
    """Read the three configuration files of the model in `folder`.

    Raises:
        WeightsMissingError: One is not there.
        WeightsCorruptError: One cannot be read, or a key is missing, unknown or does not fit.
        UnsupportedError: The model is an IndexTTS 2.5.
    """
    text = _text_of(folder, layout.CONFIG)
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise corrupt(layout.CONFIG, "it is not YAML") from error
    refuse_later_version(folder, content)
    with Section(layout.CONFIG, content) as config:
        config.fixed(version=2.0)
        config.ignore("dataset", "vocoder", "qwen_emo_path", "gpt_checkpoint", "s2mel_checkpoint")
        config.ignore("w2v_stat", "emo_matrix", "spk_matrix")
        voice, speaker, emotion = _gpt(config.section("gpt"))
        regulator, flow = _s2mel(config.section("s2mel"))
        groups = config.sizes("emo_num")
        if len(groups) != EMOTIONS:
            raise config.contradiction(f"emo_num has {len(groups)} groups, expected {EMOTIONS}")
        return Config(
            voice=voice,
            speaker=speaker,
            emotion=emotion,
            emotion_groups=groups,
            codec=_codec(config.section("semantic_codec")),
            w2v_bert=read_w2v_bert_sizes(_json_of(folder, layout.W2V_BERT_CONFIG)),
            regulator=regulator,
            flow=flow,
            vocoder=_vocoder(_json_of(folder, layout.BIGVGAN_CONFIG)),
        )


def refuse_later_version(folder: Path, content: object) -> None:
    """Raise `UnsupportedError` for the files of IndexTTS 2.5, whose nets are others."""
    config = content if isinstance(content, dict) else {}
    gpt = config.get("gpt")
    texts = gpt.get("number_text_tokens") if isinstance(gpt, dict) else None
    if config.get("version") == LATER_VERSION or texts == LATER_TEXTS:
        raise later_version(layout.CONFIG)
    if (folder / layout.LATER_CODEC).exists():
        raise later_version(layout.LATER_CODEC)


def _gpt(section: Section) -> tuple[VoiceSizes, ClipSizes, ClipSizes]:
    with section as gpt:
        gpt.fixed(
            condition_type="conformer_perceiver",
            condition_num_latent=SPEAKER_LATENTS,
            max_conditioning_inputs=1,
            types=1,
            use_mel_codes_as_input=True,
            train_solo_embeddings=False,
        )
        gpt.ignore("mel_length_compression", "checkpointing", "use_accel")
        width = gpt.size("model_dim")
        voice = VoiceSizes(
            width=width,
            heads=gpt.size("heads"),
            layers=gpt.size("layers"),
            texts=gpt.size("number_text_tokens") + 1,
            text_places=gpt.size("max_text_tokens") + SPARE_TEXT_PLACES,
            codes=gpt.size("number_mel_codes"),
            code_places=gpt.size("max_mel_tokens") + SPARE_CODE_PLACES,
            start_text=gpt.index("start_text_token"),
            stop_text=gpt.index("stop_text_token"),
            start_code=gpt.index("start_mel_token"),
            stop_code=gpt.index("stop_mel_token"),
        )
        if width % voice.heads:
            raise gpt.contradiction("model_dim is no multiple of heads")
        if max(voice.start_text, voice.stop_text) >= voice.texts:
            raise gpt.contradiction("start_text_token or stop_text_token is no text token")
        if max(voice.start_code, voice.stop_code) >= voice.codes:
            raise gpt.contradiction("start_mel_token or stop_mel_token is no mel code")
        speaker = _clip(gpt.section("condition_module"), width, SPEAKER_LATENTS)
        emotion = _clip(gpt.section("emo_condition_module"), EMOTION_WIDTH, 1)
        return voice, speaker, emotion


def _clip(section: Section, width: int, latents: int) -> ClipSizes:
    with section as module:
        module.fixed(input_layer="conv2d2")
        conformer = ConformerSizes(
            width=module.size("output_size"),
            inner=module.size("linear_units"),
            heads=module.size("attention_heads"),
            blocks=module.size("num_blocks"),
        )
        if conformer.width % conformer.heads:
            raise module.contradiction("output_size is no multiple of attention_heads")
        widening = module.number("perceiver_mult")
        perceiver = PerceiverSizes(conformer.width, width, conformer.heads, latents, widening)
        return ClipSizes(conformer, perceiver)


def _codec(section: Section) -> RepCodecSizes:
    with section as codec:
        codec.fixed(hidden_size=FEATURES)
        return RepCodecSizes(
            codebook_size=codec.size("codebook_size"),
            hidden_size=FEATURES,
            codebook_dim=codec.size("codebook_dim"),
            vocos_dim=codec.size("vocos_dim"),
            vocos_intermediate_dim=codec.size("vocos_intermediate_dim"),
            vocos_num_layers=codec.size("vocos_num_layers"),
        )


def _s2mel(section: Section) -> tuple[RegulatorSizes, FlowSizes]:
    with section as s2mel:
        s2mel.fixed(dit_type="DiT")
        s2mel.ignore("reg_loss_type")
        with s2mel.section("style_encoder") as style:
            style.fixed(dim=STYLE)
        with s2mel.section("preprocess_params") as features:
            features.fixed(sr=RATE)
            with features.section("spect_params") as mel:
                mel.fixed(n_fft=FRAME, win_length=FRAME, hop_length=HOP, n_mels=BINS, fmin=0)
                mel.fixed(fmax="None")
        regulator = _regulator(s2mel.section("length_regulator"))
        wavenet = _wavenet(s2mel.section("wavenet"))
        flow = _flow(s2mel.section("DiT"), wavenet)
        if flow.condition != regulator.channels:
            raise s2mel.contradiction("DiT.content_dim is not length_regulator.channels")
        if flow.width != wavenet.width:
            raise s2mel.contradiction("DiT.hidden_dim is not wavenet.hidden_dim")
        return regulator, flow


def _regulator(section: Section) -> RegulatorSizes:
    with section as regulator:
        regulator.fixed(is_discrete=False, in_channels=FEATURES, f0_condition=False)
        regulator.fixed(vector_quantize=False, n_codebooks=1)
        regulator.ignore("content_codebook_size", "quantizer_dropout", "n_f0_bins")
        return RegulatorSizes(
            channels=regulator.size("channels"),
            smoothings=len(regulator.sizes("sampling_ratios")),
        )


def _wavenet(section: Section) -> WaveNetSizes:
    with section as wavenet:
        wavenet.fixed(style_condition=True)
        wavenet.ignore("p_dropout")
        sizes = WaveNetSizes(
            width=wavenet.size("hidden_dim"),
            layers=wavenet.size("num_layers"),
            kernel=wavenet.size("kernel_size"),
            growth=wavenet.size("dilation_rate"),
        )
        if sizes.kernel % 2 == 0:
            raise wavenet.contradiction("kernel_size is even")
        return sizes


def _flow(section: Section, wavenet: WaveNetSizes) -> FlowSizes:
    with section as dit:
        dit.fixed(
            in_channels=BINS,
            style_condition=True,
            final_layer_type="wavenet",
            content_type="discrete",
            f0_condition=False,
            is_causal=False,
            long_skip_connection=True,
            uvit_skip_connection=True,
            time_as_token=False,
            style_as_token=False,
            add_resblock_in_transformer=False,
        )
        dit.ignore("class_dropout_prob", "block_size", "target", "zero_prompt_speech_token")
        dit.ignore("content_codebook_size", "content_codebooks", "n_f0_bins")
        sizes = FlowSizes(
            width=dit.size("hidden_dim"),
            heads=dit.size("num_heads"),
            depth=dit.size("depth"),
            condition=dit.size("content_dim"),
            wavenet=wavenet,
        )
        if sizes.width % (2 * sizes.heads):
            raise dit.contradiction("hidden_dim is no multiple of twice num_heads")
        return sizes


def _vocoder(content: dict[str, object]) -> BigVGANSizes:
    """Read BigVGAN's own config, most of which is about its training and is not looked at."""
    absent = {"use_tanh_at_final": True, "use_bias_at_final": True}  # what BigVGAN then assumes
    vocoder = Section(layout.BIGVGAN_CONFIG, absent | content)
    vocoder.fixed(
        resblock="1", activation="snakebeta", snake_logscale=True, num_mels=BINS, hop_size=HOP
    )
    vocoder.fixed(sampling_rate=RATE, use_tanh_at_final=False, use_bias_at_final=False)
    sizes = BigVGANSizes(
        bins=BINS,
        channels=vocoder.size("upsample_initial_channel"),
        rates=vocoder.sizes("upsample_rates"),
        rate_kernels=vocoder.sizes("upsample_kernel_sizes"),
        kernels=vocoder.sizes("resblock_kernel_sizes"),
        dilations=vocoder.size_lists("resblock_dilation_sizes"),
    )
    if len(sizes.rates) != len(sizes.rate_kernels) or len(sizes.kernels) != len(sizes.dilations):
        raise vocoder.contradiction("the lists of its sizes differ in length")
    return sizes


def _json_of(folder: Path, name: str) -> dict[str, object]:
    try:
        content = json.loads(_text_of(folder, name))
    except ValueError as error:
        raise corrupt(name, "it is not JSON") from error
    if not isinstance(content, dict):
        raise corrupt(name, "it is no object with keys")
    return content


def _text_of(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text("utf-8")
    except FileNotFoundError:
        raise missing(name) from None
    except UnicodeDecodeError as error:
        raise corrupt(name, "it is not text") from error
