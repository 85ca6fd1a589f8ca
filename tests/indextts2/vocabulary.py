"""A small vocabulary in the official one's manner: capitals, single characters, pinyin, marks."""

from io import BytesIO
from pathlib import Path
from typing import Final

from sentencepiece import SentencePieceTrainer

LINES: Final = (
    "HELLO WORLD , THIS IS A TEST . IT IS FIVE O'CLOCK AND THE DOOR IS OPEN !",
    "你 好 , 世 界 . 今 天 的 温 度 是 二 十 三 度 , 百 分 之 五 十 的 湿 度 ?",
    "XING2 XVAN4 JV4 - A B C D E F G H I J K L M N O P Q R S T U V W X Y Z ' ' ... !",
)


def train(file: Path) -> None:
    """Write the vocabulary; the same each time."""
    model = BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 4),
        model_writer=model,
        model_type="bpe",
        vocab_size=200,
        hard_vocab_limit=False,
        bos_id=0,
        eos_id=1,
        unk_id=2,
        minloglevel=2,
    )
    file.write_bytes(model.getvalue())
