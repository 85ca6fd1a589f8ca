"""Where each file of the model lies in its folder, as the reference and its downloads have it."""

from typing import Final

CONFIG: Final = "config.yaml"
GPT: Final = "gpt.pth"
S2MEL: Final = "s2mel.pth"
TOKENIZER: Final = "bpe.model"
EXAMPLE_SPEAKERS: Final = "feat1.pt"
EXAMPLE_EMOTIONS: Final = "feat2.pt"
FEATURE_STATISTICS: Final = "wav2vec2bert_stats.pt"
W2V_BERT: Final = "hf_cache/w2v-bert-2.0/model.safetensors"
W2V_BERT_CONFIG: Final = "hf_cache/w2v-bert-2.0/config.json"
REPCODEC: Final = "hf_cache/semantic_codec_model.safetensors"
CAMPPLUS: Final = "hf_cache/campplus_cn_common.bin"
BIGVGAN: Final = "hf_cache/bigvgan/bigvgan_generator.pt"
BIGVGAN_CONFIG: Final = "hf_cache/bigvgan/config.json"
EMOTION_MODEL: Final = "qwen0.6bemo4-merge"
"""A folder; not needed to speak."""

LATER_CODEC: Final = "codec.pth"
"""Only IndexTTS 2.5 has this file."""
