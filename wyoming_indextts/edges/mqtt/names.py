"""What the device and its entities are called, in English and Chinese.

MQTT discovery has no translations of its own, so a setting chooses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.edges.mqtt.options import Language


@dataclass(frozen=True, slots=True)
class Name:
    """One name in both languages."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        """Return it in one of them."""
        return self.zh if language == "zh-Hans" else self.en


DEVICE: Final = Name("Voice server", "语音服务器")

NAMES: Final[Mapping[str, Name]] = {
    "emotion": Name("Emotion", "情感"),
    "voice": Name("Voice", "音色"),
    "emotion_intensity": Name("Emotion intensity", "情感强度"),
    "speed": Name("Speed", "语速"),
    "volume": Name("Volume", "音量"),
    "emotion_happy": Name("Emotion weight happy", "情感权重 高兴"),
    "emotion_angry": Name("Emotion weight angry", "情感权重 生气"),
    "emotion_sad": Name("Emotion weight sad", "情感权重 悲伤"),
    "emotion_afraid": Name("Emotion weight afraid", "情感权重 害怕"),
    "emotion_disgusted": Name("Emotion weight disgusted", "情感权重 厌恶"),
    "emotion_melancholic": Name("Emotion weight melancholic", "情感权重 低落"),
    "emotion_surprised": Name("Emotion weight surprised", "情感权重 惊讶"),
    "emotion_calm": Name("Emotion weight calm", "情感权重 平静"),
    "mute": Name("Do not disturb", "勿扰"),
    "announce": Name("Announce", "播报"),
    "stop": Name("Stop speaking", "停止说话"),
    "activity": Name("Activity", "状态"),
    "queue_depth": Name("Queue", "排队"),
    "ttfa": Name("Time to first audio", "首个声音延迟"),
    "spoken": Name("Utterances spoken", "已说话语数"),
    "failed": Name("Utterances failed", "失败话语数"),
    "last_error": Name("Last error", "最近错误"),
    "limits": Name("Limits of the machine", "机器限制"),
    "utterance": Name("Utterance", "话语"),
}
"""Of every entity, by its key."""
