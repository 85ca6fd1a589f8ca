"""The emotion of a text: what the model is asked, what is made of its answer, what is refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

from tests.indextts2.emotion_folder import write_answering, write_random
from wyoming_indextts.errors import SpeechError, UnsupportedError, WeightsMissingError
from wyoming_indextts.indextts2.emotion_text import (
    FILES,
    LONGEST,
    MOST,
    load_emotion_model,
    weights_of,
)
from wyoming_indextts.indextts2.layout import EMOTION_MODEL
from wyoming_indextts.store.weights import MODELS

ANSWER = ('{"高兴"', ": 0.8", ', "悲伤"', ": 0.25}")
"""What the wired model says, in its tokens."""

FULL = (
    '{"高兴": 0.1, "愤怒": 0.2, "悲伤": 0.3, "恐惧": 0.4, '
    '"反感": 0.5, "低落": 0.6, "惊讶": 0.7, "自然": 0.8}'
)

NEVER = "import sys; sys.modules['transformers'] = None; "
"""A Python in which the library cannot be imported."""


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_answering(tmp_path_factory.mktemp("answering"), ANSWER)


def wanted() -> bool:
    return False


def test_the_model_is_asked_in_the_words_of_the_folders_own_template(answering: Path) -> None:
    ids = load_emotion_model(answering).prompt("你好！")
    written = PreTrainedTokenizerFast.from_pretrained(answering).decode(ids[0])
    assert written == ("System: 文本情感分类<|endoftext|>\nHuman: 你好！<|endoftext|>\nAssistant:")


def test_a_prompt_has_the_ids_of_its_bytes_and_one_for_each_end(answering: Path) -> None:
    # The bytes' alphabet is sorted: "!" to "~" are 0 to 93, " " and "\n" come after.
    model = load_emotion_model(answering)
    end = model.net.generation_config.eos_token_id
    letters = [ord(letter) - 33 for letter in "Hi!"]
    ids = model.prompt("Hi!")[0].tolist()
    first, second = (place for place, one in enumerate(ids) if one == end)
    assert ids[second - 3 : second] == letters
    assert ids[:6] == [ord(letter) - 33 for letter in "System"]
    assert ids[first - 6 * 3 : first].count(end) == 0  # six Chinese characters of three bytes


def test_a_long_text_is_read_from_its_beginning(answering: Path) -> None:
    model = load_emotion_model(answering)
    assert model.prompt("a" * 9000).equal(model.prompt("a" * MOST))


def test_the_models_answer_becomes_weights(answering: Path) -> None:
    answer = load_emotion_model(answering).answer("Hooray!", wanted)
    assert answer == "".join(ANSWER)
    assert weights_of(answer, "Hooray!") == (0.8, 0, 0.25, 0, 0, 0, 0, 0)


def test_an_answer_without_end_is_cut(tmp_path: Path) -> None:
    model = load_emotion_model(write_answering(tmp_path, ["{", "1"], endless=True))
    assert model.answer("Hello.", wanted) == "{" + "1" * (LONGEST - 1)


def test_nobody_waits_for_an_answer_that_is_no_longer_wanted(answering: Path) -> None:
    model, passes = load_emotion_model(answering), []
    model.net.register_forward_hook(lambda *_: passes.append(0))
    assert model.answer("Hello.", lambda: len(passes) > 1) is None
    assert len(passes) == 2
    assert model.answer("Hello.", lambda: True) is None
    assert len(passes) == 2


def test_a_model_of_random_weights_answers_greedily(tmp_path: Path) -> None:
    model = load_emotion_model(write_random(tmp_path))
    net: Any = Qwen3ForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    end = net.generation_config.eos_token_id
    answers: set[str | None] = set()
    for text in ("What a day!", "今天真好。"):
        ids, said = model.prompt(text), list[int]()
        while len(said) < LONGEST and end not in said:
            said.append(int(net(ids).logits[0, -1].argmax()))  # greedy, with no cache
            ids = torch.cat([ids, torch.tensor([said[-1:]])], dim=1)
        assert len(set(said)) > 3
        answers.add(answer := model.answer(text, wanted))
        assert answer == model.tokenizer.decode(said, skip_special_tokens=True)
    assert len(answers) == 2


@pytest.mark.parametrize(
    ("answer", "weights"),
    [
        (FULL, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
        (f"```json\n{FULL}\n```", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
        (FULL[:40], (0.1, 0.2, 0.3, 0, 0, 0, 0, 0)),
        (FULL.replace('"', "'"), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
        ('{"自然": 0.5, "高兴": 1}', (1, 0, 0, 0, 0, 0, 0, 0.5)),
        ("高兴：0.6，惊讶：0.2", (0.6, 0, 0, 0, 0, 0, 0.2, 0)),
        ('{"高兴": "0.7"}', (0.7, 0, 0, 0, 0, 0, 0, 0)),
        ('{"高兴": 1.2, "愤怒": 0.5}', (1, 0.5, 0, 0, 0, 0, 0, 0)),
        ('{"高兴": 1e999, "愤怒": 5e-1}', (1, 0.5, 0, 0, 0, 0, 0, 0)),
        ('{"高兴": -3, "愤怒": 0.5}', (0, 0.5, 0, 0, 0, 0, 0, 0)),
        ('{"高兴": NaN, "愤怒": 0.5}', (0, 0.5, 0, 0, 0, 0, 0, 0)),
        ('{"高兴": null, "愤怒": 0.5}', (0, 0.5, 0, 0, 0, 0, 0, 0)),
        ('{"happy": 0.9, "joy": 1.0}', (0, 0, 0, 0, 0, 0, 0, 1)),
        ('{"高兴": 0.0, "自然": 0.0}', (0, 0, 0, 0, 0, 0, 0, 1)),
        ("", (0, 0, 0, 0, 0, 0, 0, 1)),
    ],
)
def test_answers_are_understood(answer: str, weights: tuple[float, ...]) -> None:
    assert weights_of(answer, "Hello.") == weights


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("他今天很低落。", True),
        ("A gloomy day.", True),
        ("Melancholy is all I know.", True),
        ("She is depressed.", True),
        ("他今天很伤心。", False),
        ("A sad day.", False),
    ],
)
def test_sad_is_melancholic_where_the_text_says_so(text: str, swapped: bool) -> None:  # noqa: FBT001
    weights = weights_of('{"悲伤": 0.9, "低落": 0.1}', text)
    assert (weights[2], weights[5]) == ((0.1, 0.9) if swapped else (0.9, 0.1))


PIECES = st.sampled_from(["高兴", "低落", "自然", '"', ":", " ", ",", "0", "9", ".", "-", "e", "{"])


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)), st.text())
def test_whatever_is_answered_is_a_feeling_between_0_and_1(answer: str, text: str) -> None:
    weights = weights_of(answer, text)
    assert all(0.0 <= weight <= 1.0 for weight in weights)
    assert any(weights)


def test_the_files_that_are_needed_are_those_that_are_downloaded() -> None:
    places = {file.place for file in MODELS["qwen"]}
    assert places == {f"{EMOTION_MODEL}/{name}" for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_named_with_what_mends_it(name: str, tmp_path: Path) -> None:
    write_random(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(WeightsMissingError, match=f"/{name} is not there; .* download qwen`"):
        load_emotion_model(tmp_path)


def halved(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def without_a_tensor(file: Path) -> None:
    tensors = load_file(file)
    del tensors["model.norm.weight"]
    save_file(tensors, file, {"format": "pt"})


def with_one_more(file: Path) -> None:
    tensors = load_file(file)
    tensors["model.more.weight"] = tensors["model.norm.weight"].clone()
    save_file(tensors, file, {"format": "pt"})


def of_another_size(file: Path) -> None:
    config = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**config, "intermediate_size": 24}), "utf-8")


@pytest.mark.parametrize(
    ("name", "damage", "fault"),
    [
        ("model.safetensors", halved, ""),
        ("model.safetensors", without_a_tensor, "missing keys, model.norm.weight the first"),
        ("model.safetensors", with_one_more, "unexpected keys, model.more.weight the first"),
        ("config.json", of_another_size, ""),
        ("config.json", halved, ""),
        ("tokenizer.json", halved, ""),
    ],
)
def test_a_damaged_file_is_refused(
    name: str, damage: Callable[[Path], None], fault: str, tmp_path: Path
) -> None:
    damage(write_random(tmp_path) / name)
    with pytest.raises(SpeechError, match=f"{fault}.*; mend it with .* download qwen`") as refused:
        load_emotion_model(tmp_path)
    assert refused.value.code == "weights-corrupt"


def test_code_beside_the_model_is_not_run(answering: Path, tmp_path: Path) -> None:
    write_answering(tmp_path, ANSWER)
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    config["auto_map"] = {"AutoConfig": "mine.Mine", "AutoModelForCausalLM": "mine.Mine"}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')\n", "utf-8")
    model = load_emotion_model(tmp_path)
    assert model.answer("Hi.", wanted) == load_emotion_model(answering).answer("Hi.", wanted)
    assert not (tmp_path / "run").exists()


def python(script: str, *arguments: str) -> str:
    """Run a script in a Python of its own; return what it prints."""
    command = [sys.executable, "-c", script, *arguments]
    told = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_without_the_library_the_extra_is_named(tmp_path: Path) -> None:
    script = NEVER + (
        "from pathlib import Path\n"
        "from wyoming_indextts.errors import SpeechError\n"
        "from wyoming_indextts.indextts2.emotion_text import load_emotion_model\n"
        "try: load_emotion_model(Path(sys.argv[1]))\n"
        "except SpeechError as error: print(error.code, error)\n"
    )
    said = python(script, str(tmp_path))
    assert said.startswith(f"{UnsupportedError.code} emotion from text needs transformers")
    assert 'pip install "wyoming-indextts[qwen]"' in said


def test_nothing_is_fetched(answering: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "tried = []\n"
        "wires = ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname')\n"
        "sys.addaudithook(lambda event, told: event in wires and tried.append(told))\n"
        "from wyoming_indextts.indextts2.emotion_text import load_emotion_model\n"
        "print(load_emotion_model(Path(sys.argv[1])).answer('Hi.', lambda: False), tried)\n"
    )
    assert python(script, str(answering)) == "".join(ANSWER) + " []\n"
