"""Loading a folder: every file checked, the nets that speak read, those that enrol left alone.

    file                                read for         holds
    config.yaml, two config.json        both             sizes of all nets
    bpe.model                           speaking         vocabulary
    gpt.pth                             both             voice language model | speaker, emotion
    s2mel.pth                           both             length regulator, projection, flow
    bigvgan_generator.pt                speaking         vocoder
    semantic_codec_model.safetensors    both             codes, and what they stand for
    feat1.pt, feat2.pt                  speaking         recorded examples of emotions
    w2v-bert-2.0/model.safetensors      enrolment        features
    campplus_cn_common.bin              enrolment        style
    wav2vec2bert_stats.pt               enrolment        scale of the features

Of a net that enrols, only the names, shapes and types of its tensors are looked at; its numbers
are read each time it is called for. So a folder is accepted as a whole or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import nn

from wyoming_indextts.indextts2 import layout
from wyoming_indextts.indextts2.bigvgan import BIGVGAN_TABLE, BigVGAN
from wyoming_indextts.indextts2.campplus import CAMPPLUS_TABLE, CampPlus
from wyoming_indextts.indextts2.checkpoint import (
    Tensors,
    read_campplus,
    read_gpt,
    read_matrix,
    read_s2mel,
    read_safetensors,
    read_statistics,
    read_vocoder,
)
from wyoming_indextts.indextts2.conditioning import SPEAKER_PREFIXES, SPEAKER_TABLE, Conditioner
from wyoming_indextts.indextts2.config import Config, read_config
from wyoming_indextts.indextts2.dit import STYLE, Flow, flow_table
from wyoming_indextts.indextts2.emotion import (
    EMOTION_PREFIXES,
    EMOTION_TABLE,
    EmotionExamples,
    EmotionListener,
)
from wyoming_indextts.indextts2.enrolment import EnrolmentNets, FeatureScale
from wyoming_indextts.indextts2.faults import corrupt
from wyoming_indextts.indextts2.graphs import graphs_for
from wyoming_indextts.indextts2.latent_projection import (
    LATENT_PROJECTION_TABLE,
    LatentProjection,
)
from wyoming_indextts.indextts2.length_regulator import LENGTH_REGULATOR_TABLE, LengthRegulator
from wyoming_indextts.indextts2.packed import packing_pays
from wyoming_indextts.indextts2.precision import WIDE, Dtypes
from wyoming_indextts.indextts2.repcodec import REPCODEC_TABLE, RepCodec
from wyoming_indextts.indextts2.snake_choice import settled
from wyoming_indextts.indextts2.speaking import SpeakingNets
from wyoming_indextts.indextts2.tensors import Table, adopt
from wyoming_indextts.indextts2.text import Text
from wyoming_indextts.indextts2.text.segments import LONGEST
from wyoming_indextts.indextts2.voice_lm import (
    SPARE_TEXT_PLACES,
    VOICE_TABLE,
    VoiceLanguageModel,
)
from wyoming_indextts.indextts2.w2v_bert import W2V_BERT_TABLE, W2vBert

Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Model:
    """All that a folder holds."""

    text: Text
    speaking: SpeakingNets
    examples: EmotionExamples
    enrolment: EnrolmentNets


@torch.no_grad()
def load_model(
    folder: Path,
    *,
    device: torch.device,
    dtypes: Dtypes,
    graphs: bool = False,
    int8: bool = False,
    enrolment_device: torch.device | None = None,
) -> Model:
    """Load the model in `folder`; the first time, its pickled files are converted beside them.

    Args:
        folder: As the official downloads lay it out.
        device: Where the nets speak.
        enrolment_device: Where those that enrol are brought when called for; None: there too.
        dtypes: Of the nets that do most of the work; all others are in float32.
        int8: Whether the matrices of the voice language model are rounded to int8.
        graphs: Whether a card may record their steps, and use our kernel; then only one thread may
            have them speak.

    Raises:
        WeightsMissingError: A file is not there.
        WeightsCorruptError: A file is damaged, of another model, or does not fit the others.
        UnsupportedError: The model is an IndexTTS 2.5.
        StorageFullError: There is no room for the converted files.
    """
    config = read_config(folder)
    shelf = _Shelf(folder, config)
    scale = FeatureScale.of(read_statistics(folder))
    return Model(
        examples=_examples(folder, config),
        enrolment=_enrolment(shelf, scale, enrolment_device or device),
        speaking=_speaking(shelf, device, dtypes, graphs=graphs, int8=int8),
        text=_text(folder, config),
    )


def _speaking(
    shelf: "_Shelf", device: torch.device, dtypes: Dtypes, *, graphs: bool, int8: bool
) -> SpeakingNets:
    flow, voice = shelf.flow().read(), shelf.voice().read()
    if int8:
        voice.quantise(dtypes.voice)
    voice = voice.to(device, dtypes.voice)
    if device.type == "cpu" and voice.sizes.width >= WIDE and packing_pays(dtypes.voice):
        voice.pack()
    return SpeakingNets(
        voice=voice,
        projection=shelf.projection().read().to(device, torch.float32),
        meanings=shelf.codec().read().float().table().to(device),
        regulator=shelf.regulator().read().to(device, torch.float32),
        clock=flow.clock.float(),
        dit=flow.dit.to(device, dtypes.flow),
        vocoder=settled(shelf.vocoder().read().to(device, dtypes.vocoder), wanted=graphs),
        graphs=graphs_for(device, wanted=graphs),
    )


def _enrolment(shelf: "_Shelf", scale: FeatureScale, device: torch.device) -> EnrolmentNets:
    def checked(source: "_Source[Net]") -> Callable[[], Net]:
        source.check()
        return lambda: source.read().to(device, torch.float32)

    return EnrolmentNets(
        w2v_bert=checked(shelf.w2v_bert()),
        scale=scale,
        codec=checked(shelf.codec()),
        campplus=checked(shelf.campplus()),
        speaker=checked(shelf.speaker()),
        emotion=checked(shelf.emotion()),
        regulator=checked(shelf.regulator()),
    )


def _examples(folder: Path, config: Config) -> EmotionExamples:
    rows = sum(config.emotion_groups)
    return EmotionExamples(
        speakers=read_matrix(folder, layout.EXAMPLE_SPEAKERS, (rows, STYLE)),
        emotions=read_matrix(folder, layout.EXAMPLE_EMOTIONS, (rows, config.voice.width)),
        groups=config.emotion_groups,
    )


def _text(folder: Path, config: Config) -> Text:
    places = config.voice.text_places - SPARE_TEXT_PLACES
    text = Text.load(folder / layout.TOKENIZER, longest=min(LONGEST, places))
    if text.size > config.voice.texts:
        raise corrupt(
            layout.TOKENIZER,
            f"it has {text.size} pieces, and {layout.GPT} knows {config.voice.texts}",
        )
    return text


@dataclass(frozen=True, slots=True)
class _Source(Generic[Net]):
    """What one net is made of; its file is open only while the net is read or lives."""

    make: Callable[[], Net]
    table: Table
    tensors: Callable[[], Tensors]
    file: str

    def read(self) -> Net:
        """Return the net; on the CPU its numbers are read when they are used."""
        return self._filled(self.tensors())

    def check(self) -> None:
        """Make sure that the net can be read, without reading its numbers."""
        self._filled(self.tensors().outlines())

    def _filled(self, tensors: Tensors) -> Net:
        with torch.device("meta"):
            net = self.make()
        adopt(net, self.table, tensors, file=self.file)
        return net.requires_grad_(requires_grad=False)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where each net is in the files of a folder, and of what sizes it is."""

    folder: Path
    config: Config

    def voice(self) -> _Source[VoiceLanguageModel]:
        clip = (*SPEAKER_PREFIXES, *EMOTION_PREFIXES)
        return _Source(
            lambda: VoiceLanguageModel(self.config.voice),
            VOICE_TABLE,
            lambda: read_gpt(self.folder).split(*clip)[1],
            layout.GPT,
        )

    def projection(self) -> _Source[LatentProjection]:
        return _Source(
            lambda: LatentProjection(self.config.voice.width),
            LATENT_PROJECTION_TABLE,
            lambda: read_s2mel(self.folder).below("gpt_layer."),
            layout.S2MEL,
        )

    def regulator(self) -> _Source[LengthRegulator]:
        return _Source(
            lambda: LengthRegulator(self.config.regulator),
            LENGTH_REGULATOR_TABLE,
            lambda: read_s2mel(self.folder).below("length_regulator."),
            layout.S2MEL,
        )

    def flow(self) -> _Source[Flow]:
        return _Source(
            lambda: Flow(self.config.flow),
            flow_table(self.config.flow),
            lambda: read_s2mel(self.folder).below("cfm."),
            layout.S2MEL,
        )

    def vocoder(self) -> _Source[BigVGAN]:
        return _Source(
            lambda: BigVGAN(self.config.vocoder),
            BIGVGAN_TABLE,
            lambda: read_vocoder(self.folder),
            layout.BIGVGAN,
        )

    def codec(self) -> _Source[RepCodec]:
        return _Source(
            lambda: RepCodec(self.config.codec),
            REPCODEC_TABLE,
            lambda: read_safetensors(self.folder, layout.REPCODEC),
            layout.REPCODEC,
        )

    def w2v_bert(self) -> _Source[W2vBert]:
        return _Source(
            lambda: W2vBert(self.config.w2v_bert),
            W2V_BERT_TABLE,
            lambda: read_safetensors(self.folder, layout.W2V_BERT),
            layout.W2V_BERT,
        )

    def campplus(self) -> _Source[CampPlus]:
        return _Source(
            CampPlus, CAMPPLUS_TABLE, lambda: read_campplus(self.folder), layout.CAMPPLUS
        )

    def speaker(self) -> _Source[Conditioner]:
        sizes = self.config.speaker
        return _Source(
            lambda: Conditioner(sizes.conformer, sizes.perceiver),
            SPEAKER_TABLE,
            lambda: read_gpt(self.folder).split(*SPEAKER_PREFIXES)[0],
            layout.GPT,
        )

    def emotion(self) -> _Source[EmotionListener]:
        sizes, width = self.config.emotion, self.config.voice.width
        return _Source(
            lambda: EmotionListener(sizes.conformer, sizes.perceiver, width),
            EMOTION_TABLE,
            lambda: read_gpt(self.folder).split(*EMOTION_PREFIXES)[0],
            layout.GPT,
        )
