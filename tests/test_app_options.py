"""What is set in Home Assistant is a layer of the settings; nonsense is told and left out."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_indextts.app import casting
from wyoming_indextts.errors import EmotionNotFoundError, VoiceNotFoundError
from wyoming_indextts.settings import Settings, load
from wyoming_indextts.settings.app_options import (
    FILE,
    LARGEST,
    OPTIONS,
    RENAMED,
    app_options,
    options_file,
)
from wyoming_indextts.settings.places import FILE as SETTINGS_FILE
from wyoming_indextts.supervised import forgiving


def write(folder: Path, options: object) -> Path:
    file = folder / "options.json"
    file.write_text(options if isinstance(options, str) else json.dumps(options), "utf-8")
    return file


def read(folder: Path, options: object, **env: str) -> Settings:
    file = {"WYOMING_INDEXTTS_APP_OPTIONS": str(write(folder, options))}
    return load({"data_dir": folder}, {**file, **env})


def complaints(folder: Path, options: object) -> list[str]:
    return [
        line.replace(f"{folder}/", "") for line in app_options(write(folder, options)).complaints
    ]


def test_each_option_is_a_setting(tmp_path: Path) -> None:
    found = read(tmp_path, {
        "voice": "ren", "emotion": "happy", "intensity": 0.5, "speed": 1.25, "volume": 0.75,
        "mqtt": False, "language": "zh-Hans", "debug": True,
    })  # fmt: skip
    stage = found.stage
    assert (found.voice, stage.emotion, stage.intensity) == ("ren", "happy", 0.5)
    assert (stage.speed, stage.volume, found.debug) == (1.25, 0.75, True)
    assert (found.supervisor.mqtt, found.mqtt.language) == (False, "zh-Hans")


def test_an_engines_address_makes_it_a_gateway(tmp_path: Path) -> None:
    options = {
        "engine_url": "wss://gpu.local:8080",
        "engine_token": "geheim",
        "engine_ca": "/config/ca.pem",
    }
    remote = read(tmp_path, options).remote
    assert remote.url and remote.token
    assert remote.url.startswith("wss://gpu.local:8080")
    assert remote.token.get_secret_value() == "geheim"
    assert remote.tls_ca == Path("/config/ca.pem")


def test_a_wrong_address_is_told_and_this_machine_speaks(tmp_path: Path) -> None:
    options = {"engine_url": "gpu.local", "engine_token": "geheim"}
    (line,) = complaints(tmp_path, options)
    assert line.startswith("the option 'engine_url' must be ws://HOST:PORT")
    assert read(tmp_path, options).remote.url is None


def test_options_go_between_the_environment_and_the_file(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("[stage]\nspeed = 1.5\nvolume = 0.5\nintensity = 0.1\n")
    env = {"WYOMING_INDEXTTS_CONFIG": str(tmp_path / SETTINGS_FILE),
           "WYOMING_INDEXTTS_STAGE__VOLUME": "0.9"}  # fmt: skip
    stage = read(tmp_path, {"volume": 0.7, "intensity": 0.3}, **env).stage
    assert (stage.speed, stage.volume, stage.intensity) == (1.5, 0.9, 0.3)


def test_they_are_looked_for_only_under_a_supervisor() -> None:
    assert options_file({}) is None
    assert options_file({"SUPERVISOR_TOKEN": ""}) is None
    assert options_file({"SUPERVISOR_TOKEN": "x"}) == FILE
    named = {"SUPERVISOR_TOKEN": "x", "WYOMING_INDEXTTS_APP_OPTIONS": "/there"}
    assert options_file(named) == Path("/there")


def test_the_supervisor_is_the_way_to_home_assistant(tmp_path: Path) -> None:
    found = read(tmp_path, {}, SUPERVISOR_TOKEN="known")  # noqa: S106 - a test's
    hub = found.announce.hub
    assert hub.token and found.supervisor.token
    assert (hub.url, hub.token.get_secret_value()) == ("http://supervisor/core", "known")
    assert found.supervisor.token.get_secret_value() == "known"
    assert "known" not in repr(found)
    assert load({"data_dir": tmp_path}, {}).announce.hub.url is None


def test_another_home_assistant_may_be_named(tmp_path: Path) -> None:
    env = {"SUPERVISOR_TOKEN": "known", "WYOMING_INDEXTTS_ANNOUNCE__HUB__URL": "http://other"}
    assert read(tmp_path, {}, **env).announce.hub.url == "http://other"


def test_emptied_fields_are_unset(tmp_path: Path) -> None:
    options = {"voice": "", "emotion": None, "intensity": None}
    assert read(tmp_path, options).stage == Settings().stage
    assert complaints(tmp_path, options) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"speed": 9}, "the option 'speed' must be less than or equal to 2; it is not used"),
        ({"speed": True}, "the option 'speed' must be a number, not true or false; it is not used"),
        ({"volume": "loud"}, "the option 'volume' must be a valid number, unable to parse"),
        ({"emotion": 3}, "the option 'emotion' must be a valid string; it is not used"),
        ({"voice": ["a"]}, "the option 'voice' must be a valid string; it is not used"),
        ({"language": "fr"}, "the option 'language' must be 'en' or 'zh-Hans'; it is not used"),
        ({"voise": "a"}, "there is no option 'voise'; is 'voice' meant?"),
        ({"wyoming": {"uri": "x"}}, "there is no option 'wyoming'"),
        ({"default_voice": "ren"}, "the option 'default_voice' is called 'voice' now"),
        ("{", "options.json: is not JSON; the app's options are not used"),
        ("[" * 9999, "options.json: is not JSON; the app's options are not used"),
        ("[]", "options.json: is not a JSON object; the app's options are not used"),
        (" " * (LARGEST + 1), "options.json: is too long; the app's options are not used"),
        ('{"speed": 1e999}', "the option 'speed' must be less than or equal to 2; it is not used"),
        ('{"speed": NaN}', "the option 'speed' must be less than or equal to 2; it is not used"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(options: object, expected: str, tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, options)
    assert line.startswith(expected)
    assert "\n" not in line


def test_one_wrong_option_takes_no_other_with_it(tmp_path: Path) -> None:
    stage = read(tmp_path, {"speed": 9, "volume": 0.5, "nonsense": {}}).stage
    assert (stage.speed, stage.volume) == (1.0, 0.5)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    (line,) = app_options(tmp_path / "none.json").complaints
    assert line.endswith("none.json: cannot be read (no such file or directory);"
                         " the app's options are not used")  # fmt: skip


def test_older_names_are_understood_and_handed_on(tmp_path: Path) -> None:
    found = app_options(
        write(tmp_path, {"default_voice": "ren", "emotion_intensity": 0.5, "mqtt": True})
    )
    assert found.table["voice"] == "ren"
    assert found.current == {"voice": "ren", "intensity": 0.5, "mqtt": True}
    assert app_options(write(tmp_path, {"voice": "ren"})).current is None


def test_a_newer_name_goes_before_an_older_one(tmp_path: Path) -> None:
    for options in ({"default_voice": "a", "voice": "b"}, {"voice": "b", "default_voice": "a"}):
        assert app_options(write(tmp_path, options)).table == {"voice": "b"}


def test_older_names_stand_for_options_that_there_are() -> None:
    assert set(RENAMED.values()) <= OPTIONS.keys()
    assert not RENAMED.keys() & OPTIONS.keys()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
NAMES = st.sampled_from([*OPTIONS, *RENAMED]) | st.text(max_size=9)


@settings(max_examples=50)
@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_no_options_stop_the_program(
    tmp_path_factory: pytest.TempPathFactory, options: object
) -> None:
    folder = tmp_path_factory.getbasetemp()
    found = app_options(write(folder, options))
    assert not any("\n" in line for line in found.complaints)
    read(folder, options)


def test_a_voice_and_an_emotion_that_nobody_has_are_told_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = read(tmp_path, {"voice": "nobody", "emotion": "jolly", "speed": 1.5})
    mended = forgiving(found, casting)
    assert (mended.voice, mended.stage.emotion, mended.stage.speed) == (None, None, 1.5)
    first, second = caplog.messages
    assert first.startswith("the option 'voice' is not used: ")
    assert second.startswith("the option 'emotion' is not used: ")


def test_an_option_is_not_blamed_for_what_goes_before_it(tmp_path: Path) -> None:
    env = {"WYOMING_INDEXTTS_VOICE": "nobody"}
    with pytest.raises(VoiceNotFoundError):
        forgiving(read(tmp_path, {"voice": "ren"}, **env), casting)


@pytest.mark.parametrize(
    ("key", "error"),
    [("WYOMING_INDEXTTS_VOICE", VoiceNotFoundError),
     ("WYOMING_INDEXTTS_STAGE__EMOTION", EmotionNotFoundError)],
)  # fmt: skip
def test_what_others_have_set_is_refused_as_ever(
    key: str, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        forgiving(read(tmp_path, {"speed": 1.5}, **{key: "nobody"}), casting)


def test_complaints_are_logged_when_the_server_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    found = read(tmp_path, {"speed": 9, "nonsense": 1})
    assert forgiving(found, casting) == found
    assert len(caplog.messages) == 2
