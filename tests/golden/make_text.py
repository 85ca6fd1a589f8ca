"""Makes text.json: what the oracle does to text, all but the transducers. Run by script/oracle.

The oracle's transducers are replaced by the identity: its package has others than upstream's tree.
Quotes are left out of the pieces, as the oracle says a quote after a stop twice.
"""

import json
import random
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Final

SEED: Final = 2
PIECES: Final = ("▁A", "B", "你", "▁好", "▁XING2", ",", "▁,", "-", "▁-", ".", "▁.", "!", "▁!", "?")
MORE_PIECES: Final = ("▁?", "...", "▁...", "…", ";")

GLOSSARY: Final = {
    "M.2": {"zh": "M二", "en": "M dot two"},
    "GPT": "G P T",
    "AI": {"zh": "人工智能"},
    "ai chip": {"en": "eye chip"},
    "C++": {"zh": "C加加", "en": "C plus plus"},
}

TEXTS: Final = (
    "Hello world.", "你好，世界！", "what's up, he's here", "What's it's there's He's that's",
    "GPT-5-nano and F5-TTS 很好", "xuan4 beta1 ju4 QU4 lü4 nü3 jv2", "sheng1 yin1 test",
    "克里斯托弗·诺兰 和 约翰-史密斯 — 莎士比亚", "阿里-巴巴—四十", "约翰·史密斯·李·王 a·b",
    "a@b.com", "foo@bar.com yes", "a.b@c.com", "A@B.COM", "12:30", "hello ju4", "Beta1 b",
    "A1 sauce", "你好...再见……", "a,,,b", "，，，好", "a：b；c、d; e: f",
    "《书》「x」【z】“q” ‘s’ (p) [b] （中）", "$5 好", "$5 good", "x~y～z—w", "line\nline",
    "e-mail-x A-1 1-A abc-def.ghi-jk", "a--b -x a-",
    "n3 er2 hm4 zhuang1 Xuan4 JU3 jü3 que2 xue4 xv3 lue4 nve4 LV3 shui3 jiong3 yuan2 wo3 a1b xue45",
    "an M.2 disk, m.2", "GPT gpts AI ai chip aid", "AI芯片C++和M.2", "c++ go", "GPT-4 v2.0-beta",
    "Q: 3 < 4? A: yes!", "", "7", "…", "日本語のテキスト", "안녕 hello", "Grüße aus Köln",
)  # fmt: skip

SPACED: Final = (
    "hello 你好world 3", "  a  b ", "你 好", "Ａb", "あい", "한국", "㐀𠀀", "你,好", "straße",
    "a\u3000b", "e\tf", "〇々", "ｱb", "XING2走", "", "é字é",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Stands in for the oracle's transducers."""

    def normalize(self, text: str, *, verbose: bool = False) -> str:  # noqa: ARG002 - its call
        return text


def made_cuts(draw: random.Random) -> list[dict[str, object]]:
    """Return pieces drawn at random, and the lengths of the segments the oracle makes of them."""
    front = import_module("indextts.utils.front")
    tokenizer = object.__new__(front.TextTokenizer)
    cuts: list[dict[str, object]] = []
    for number in range(160):
        longest = 120 if number % 2 else draw.randint(2, 12)
        some = draw.sample((*PIECES, *MORE_PIECES), draw.randint(2, 12))
        pieces = draw.choices((*some, *["a"] * draw.choice((0, 5, 60))), k=draw.randint(0, 260))
        segments = tokenizer.split_segments(pieces, max_text_tokens_per_segment=longest)
        assert [piece for segment in segments for piece in segment] == pieces
        lengths = [len(segment) for segment in segments]
        cuts.append({"longest": longest, "pieces": " ".join(pieces), "lengths": lengths})
    return cuts


def main() -> None:
    """Write text.json beside this file."""
    front = import_module("indextts.utils.front")
    normalizer = front.TextNormalizer(enable_glossary=True)
    normalizer._normalizers = {"zh": Identity(), "en": Identity()}  # noqa: SLF001 - the only door
    normalizer.load_glossary(GLOSSARY)
    syllables = ["xuan4", "Xuan4", "ju3", "JÜ3", "qüe2", "xiu1", "jiong3", "yuan2", "lü4", "shui3"]
    golden = {
        "oracle": f"indextts2-inference {metadata.version('indextts2-inference')}",
        "seed": SEED,
        "glossary": GLOSSARY,
        "chinese": [[text, normalizer.use_chinese(text)] for text in TEXTS],
        "normalised": [[text, normalizer.normalize(text)] for text in TEXTS],
        "spelled": [[each, normalizer.correct_pinyin(each)] for each in syllables],
        "spaced": [[text, front.tokenize_by_CJK_char(text)] for text in SPACED],
        "cuts": made_cuts(random.Random(SEED)),  # noqa: S311 - examples, no secrets
    }
    text = json.dumps(golden, ensure_ascii=False, indent=0)
    Path(__file__).with_name("text.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
