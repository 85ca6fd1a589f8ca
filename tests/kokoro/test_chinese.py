"""Characters are read as people read them, in the company of others."""

from pathlib import Path

import pytest

from wyoming_indextts.kokoro.chinese import Chinese
from wyoming_indextts.kokoro.pinyin import symbols
from wyoming_indextts.speech.script import Phrase


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Chinese:
    return Chinese(tmp_path_factory.mktemp("jieba"))


def spoken(chinese: Chinese, *phrases: Phrase) -> str:
    return chinese.symbols(phrases).replace(" ", "")


def spelled(pinyin: str) -> str:
    return "".join(symbols(syllable) for syllable in pinyin.split())


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        # third tones
        ("你好", "ni2 hao3"),
        ("很好", "hen2 hao3"),
        ("洗手间", "xi2 shou3 jian1"),
        ("展览馆", "zhan2 lan2 guan3"),
        # 不
        ("不", "bu4"),
        ("不见", "bu2 jian4"),
        ("不好", "bu4 hao3"),
        ("不要关灯", "bu2 yao4 guan1 deng1"),
        ("是不是", "shi4 bu5 shi4"),
        # 一
        ("一天", "yi4 tian1"),
        ("一起", "yi4 qi3"),
        ("一定", "yi2 ding4"),
        ("一个", "yi2 ge4"),
        ("一百", "yi4 bai3"),
        ("一百二十一度", "yi4 bai3 er4 shi2 yi1 du4"),
        ("一点五", "yi1 dian3 wu3"),
        ("第一名", "di4 yi1 ming2"),
        ("周一上午", "zhou1 yi1 shang4 wu3"),
        ("一月一号", "yi1 yue4 yi1 hao4"),
        ("看一看", "kan4 yi5 kan4"),
        # 儿
        ("女儿", "nü3 er2"),
        ("一会儿", "yi2 hui4 r"),
        # what a house says
        ("重启路由器", "chong2 qi3 lu4 you2 qi4"),
        ("空调调到二十六度", "kong1 tiao2 tiao2 dao4 er4 shi2 liu4 du4"),
        ("长按三秒", "chang2 an4 san1 miao3"),
        ("音乐", "yin1 yue4"),
        ("银行行长", "yin2 hang2 hang2 zhang3"),
        ("还没关", "hai2 mei2 guan1"),
        ("朋友", "peng2 you5"),
        ("慢慢地走", "man4 man4 de5 zou3"),
    ],
)
def test_a_word_is_read_as_people_read_it(chinese: Chinese, text: str, pinyin: str) -> None:
    assert spoken(chinese, Phrase(text)) == spelled(pinyin)


def test_the_users_reading_goes_before_the_dictionary_and_stays_as_it_is(chinese: Chinese) -> None:
    mine = Phrase("重点", ("chong2", "dian3"))
    assert spoken(chinese, Phrase("去"), mine, Phrase("好")) == spelled("qu4 chong2 dian3 hao3")


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = tmp_path / "file"
    nowhere.touch()
    assert spoken(Chinese(nowhere), Phrase("你好")) == spelled("ni2 hao3")
    assert not caplog.records


def test_words_are_set_apart(chinese: Chinese) -> None:
    assert chinese.symbols([Phrase("客厅的灯")]).count(" ") == 2


def test_a_character_nobody_can_read_is_left_out(chinese: Chinese) -> None:
    assert spoken(chinese, Phrase("你\U0003134a好")) == spelled("ni3 hao3")
