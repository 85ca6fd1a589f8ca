"""The page's words in both languages."""

import json
import re
from pathlib import Path
from typing import Final

import wyoming_indextts.edges.http as room

PAGE: Final = Path(room.__file__).parent / "page"


def test_both_languages_have_the_same_words_and_all_that_are_used() -> None:
    words = {
        name: json.loads((PAGE / "words" / f"{name}.json").read_text("utf-8"))
        for name in ("en", "zh")
    }
    assert words["en"].keys() == words["zh"].keys()
    for key in words["en"]:
        holes = [sorted(re.findall(r"\{\w+\}", one[key])) for one in words.values()]
        assert holes[0] == holes[1], key
    code = "".join(file.read_text("utf-8") for file in [*PAGE.glob("*.js"), PAGE / "index.html"])
    named = re.findall(r'data-word(?:-\w+)?="([\w.]+)"', code)
    named += re.findall(r'(?:say|tell)\("([\w.]+)"', code)
    assert len(named) > 40
    assert set(named) <= words["en"].keys()
