"""Settings come from flags, environment, file and defaults; what is wrong is named exactly."""

import re
import tomllib
from contextlib import chdir
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from wyoming_indextts.settings import Address, Settings, SettingsError, blame, load, texts_named
from wyoming_indextts.settings.origin import line_of
from wyoming_indextts.settings.places import FILE, SHIPPED, settings_file

UNSET = {
    "announce.quiet_hours", "indextts2.steps", "indextts2.slots", "indextts2.prompt_seconds",
    "indextts2.idle_unload",
    "announce.url",
    "announce.hub.url",
    "announce.hub.token",
    "announce.hub.token_file",
    "supervisor.token",
    "voice", "data_dir", "cache_dir", "stage.emotion", "embedded.model_file", "embedded.voices_dir",
    "process.idle_unload", "process.memory_limit", "http.open", "http.token_file",
    "http.tls_certificate", "http.tls_key", "http.turn", "http.turn_username",
    "http.turn_password", "mqtt.host", "mqtt.port", "mqtt.username", "mqtt.password",
    "mqtt.password_file", "mqtt.tls_ca", "mqtt.tls_certificate", "mqtt.tls_key", "mqtt.node",
    "remote.url", "remote.token", "remote.token_file", "remote.tls_ca",
}  # fmt: skip
"""Settings whose line in the shipped file is an example: their default is none, or a place."""

NAMED = ("announce.groups.", "announce.targets.")
"""Tables whose keys are names of the user's own."""


def write(folder: Path, text: str) -> Path:
    file = folder / FILE
    file.write_text(text, "utf-8")
    return file


def complaint(text: str, folder: Path) -> str:
    """Return the error's line, without the folder."""
    with pytest.raises(SettingsError) as raised:
        load({"config": write(folder, text)}, {})
    line = str(raised.value)
    assert "\n" not in line
    return line.replace(f"{folder}/", "")


def leaves(table: object, path: str = "") -> dict[str, object]:
    """Return every value of nested tables by its dotted path."""
    if not isinstance(table, dict):
        return {path: table}
    return {
        dotted: value
        for key, inner in table.items()
        for dotted, value in leaves(inner, f"{path}.{key}" if path else key).items()
    }


def test_the_shipped_file_names_every_setting_with_its_default() -> None:
    shipped = (SHIPPED / FILE).read_text("utf-8")
    uncommented = re.sub(r"^# (\w+ = )", r"\1", shipped, flags=re.MULTILINE)
    written = leaves(tomllib.loads(uncommented))
    defaults = leaves(Settings().model_dump(mode="json"))
    del defaults["config"], defaults["app_options"]  # not of the file
    named = {key for key in written if key.startswith(NAMED)}  # examples of what users name
    assert len(named) >= 2
    assert written.keys() - named == defaults.keys()
    assert {key: written[key] for key in written.keys() - named - UNSET} == {
        key: defaults[key] for key in defaults if key not in UNSET
    }


def test_the_shipped_file_as_it_is_changes_nothing() -> None:
    shipped = SHIPPED / FILE
    assert load({"config": shipped}, {}) == Settings(config=shipped)


def test_flags_go_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    file = write(tmp_path, 'voice = "a"\n[stage]\nspeed = 1.5\nvolume = 0.5\nintensity = 0.25\n')
    env = {"WYOMING_INDEXTTS_STAGE__VOLUME": "0.75", "WYOMING_INDEXTTS_STAGE__INTENSITY": "0.5"}
    settings = load({"config": file, "stage.intensity": 0.75, "voice": None}, env)
    stage = settings.stage
    assert (stage.emotion, stage.speed, stage.volume, stage.intensity) == (None, 1.5, 0.75, 0.75)
    assert settings.voice == "a"
    assert settings.config == file


def test_a_variable_reaches_a_section_in_a_section(tmp_path: Path) -> None:
    env = {
        "WYOMING_INDEXTTS_CONFIG": str(write(tmp_path, "[speech]\nlead_in_ms = { say = 20 }\n")),
        "WYOMING_INDEXTTS_SPEECH__LEAD_IN_MS__WYOMING": "300",
        "WYOMING_INDEXTTS_DEBUG": "yes",
        "WYOMING_INDEXTTS_VOICE": "",
        "ELSE": "1",
    }
    settings = load({}, env)
    lead_in = settings.speech.lead_in_ms
    assert (lead_in.wyoming, lead_in.say, settings.debug, settings.voice) == (300, 20, True, None)


def test_a_settings_object_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().wyoming.uri = "tcp://h:1"


def test_paths_may_begin_at_home(tmp_path: Path) -> None:
    assert load({"config": write(tmp_path, 'data_dir = "~/v"')}, {}).data_dir == Path.home() / "v"


def test_every_setting_says_what_it_is() -> None:
    def undescribed(section: type[BaseModel]) -> list[str]:
        return [
            name
            for name, field in section.model_fields.items()
            if not field.description and not isinstance(field.default, BaseModel)
        ]

    sections: list[type[BaseModel]] = [Settings]
    sections += [type(value) for _, value in Settings() if isinstance(value, BaseModel)]
    assert [undescribed(section) for section in sections] == [[]] * 13


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('voise = "a"', f"{FILE}, line 1: unknown key 'voise'; did you mean 'voice'?"),
        ("\n[wyoming]\n\nurl = 1", f"{FILE}, line 4: unknown key 'wyoming.url'"),
        ("# a\n[nothing]\nx = 1", f"{FILE}, line 2: unknown key 'nothing'"),
        ("[speech.lead_in_ms]\nx = 1", f"{FILE}, line 2: unknown key 'speech.lead_in_ms.x'"),
        ("config = 'x'", f"{FILE}, line 1: unknown key 'config'"),
        ("\napp_options = 'x'", f"{FILE}, line 2: unknown key 'app_options'"),
        ("[http]\ningress = ['hub']", f"{FILE}, line 2: http.ingress 'hub' does not appear"),
        ("engine = 'fast'", f"{FILE}, line 1: engine must be 'auto', 'embedded', 'in"),
        ("[stage]\n\nspeed = 9", f"{FILE}, line 3: stage.speed must be less than or equal to 2"),
        ("[stage]\nspeed = nan", f"{FILE}, line 2: stage.speed must be less than or equal to 2"),
        ("[stage]\nspeed = true", f"{FILE}, line 2: stage.speed must be a number, not true"),
        ("[process]\nidle_unload = true", f"{FILE}, line 2: process.idle_unload must be a number"),
        ("[wyoming]\nallow = ['x']", f"{FILE}, line 2: wyoming.allow must be neighbours"),
        ("[wyoming]\nuri = 'h:1'", f"{FILE}, line 2: wyoming.uri must be tcp://HOST"),
        ("[remote]\nurl = 'gpu'", f"{FILE}, line 2: remote.url must be ws://HOST:PORT"),
        ("[remote]\nurl = 'ws://secret@gpu'", f"{FILE}, line 2: remote.url a token is no part"),
        ("\nengine = 'remote'", f"{FILE}, line 2: the engine remote needs remote.url"),
        ("stage = 3", f"{FILE}, line 1: stage must be a section, [stage]"),
        ("a = 1\nb = ", f"{FILE}, line 2: not TOML (Invalid value): 'b ='"),
        ("a = '''\nb", f"{FILE}, line 2: not TOML"),
    ],
)  # fmt: skip
def test_an_error_names_file_line_and_key(text: str, expected: str, tmp_path: Path) -> None:
    assert complaint(text, tmp_path).startswith(expected)


def test_a_variable_lists_networks_between_commas(tmp_path: Path) -> None:
    env = {"WYOMING_INDEXTTS_WYOMING__ALLOW": "neighbours, 10.0.0.0/8"}
    settings = load({"config": write(tmp_path, "")}, env)
    assert settings.wyoming.allow == ("neighbours", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("value", "expected"), [("false", False), ("OFF", False), ("1", True), ("Kitchen", "Kitchen")]
)
def test_a_variable_says_truth_where_a_name_could_stand_too(
    value: str, expected: object, tmp_path: Path
) -> None:
    env = {"WYOMING_INDEXTTS_WYOMING__ZEROCONF": value}
    assert load({"config": write(tmp_path, "")}, env).wyoming.zeroconf == expected


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("WYOMING_INDEXTTS_VOISE", "a", "unknown setting; did you mean 'voice'?"),
        ("WYOMING_INDEXTTS_ENGINE__FAST", "1", "unknown setting"),
        (
            "WYOMING_INDEXTTS_ENGINE",
            "fast",
            "engine must be 'auto', 'embedded', 'indextts2' or 'remote'",
        ),
        ("WYOMING_INDEXTTS_WYOMING", "x", "is a section; set WYOMING_INDEXTTS_WYOMING__KEY"),
        ("WYOMING_INDEXTTS_WYOMING__URL", "x", "unknown key 'wyoming.url'; did you mean 'uri'?"),
        ("WYOMING_INDEXTTS_STAGE__SPEED", "9", "stage.speed must be less than or equal to 2"),
        ("WYOMING_INDEXTTS_SPEECH__LEAD_IN_MS", "5", "is a section"),
    ],
)
def test_an_error_names_the_variable(
    variable: str, value: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as raised:
        load({"config": write(tmp_path, "")}, {variable: value})
    assert str(raised.value).startswith(f"{variable}: {expected}")


def test_an_error_names_the_flag_even_where_the_file_has_the_key_too(tmp_path: Path) -> None:
    file = write(tmp_path, "[wyoming]\nuri = 'tcp://h:1'\n")
    with pytest.raises(SettingsError, match=r"^--uri: wyoming\.uri must be tcp"):
        load({"config": file, "wyoming.uri": "h"}, {})


def test_a_value_found_wrong_later_is_blamed_on_its_place(tmp_path: Path) -> None:
    file = write(tmp_path, "\n[stage]\nemotion = 'jolly'\n")
    error = blame(["stage", "emotion"], "no such emotion", {"config": file}, {})
    assert str(error) == f"{file}, line 3: stage.emotion: no such emotion"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    for place, reason in (
        (tmp_path / "none.toml", "cannot be read: No such file or directory"),
        (tmp_path, "cannot be read: Is a directory"),
    ):
        with pytest.raises(SettingsError, match=f"^{place}: {reason}$"):
            load({"config": place}, {})


def test_a_file_that_is_not_utf_8_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"# \xe4\xb8\xad\nvoice = '\xff'\n")
    with pytest.raises(SettingsError, match="line 2: not UTF-8 text"):
        load({"config": tmp_path / FILE}, {})


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xef\xbb\xbfvoice = 'a'\r\ndebug = true\r\n")
    assert load({"config": tmp_path / FILE}, {}).voice == "a"


def test_the_settings_file_is_searched_here_then_in_the_data_folder(tmp_path: Path) -> None:
    here, data = tmp_path / "config", tmp_path / "data"
    for folder in (here, data):
        folder.mkdir()
    with chdir(tmp_path):
        assert settings_file(data) == SHIPPED / FILE
        write(data, "voice = 'theirs'")
        assert load({"data_dir": data}, {}).voice == "theirs"
        write(here, "voice = 'mine'")
        assert load({"data_dir": data}, {}).voice == "mine"


def test_the_users_files_are_read_after_the_shipped_ones(tmp_path: Path) -> None:
    data, beside = tmp_path / "data", tmp_path / "beside"
    for folder in (data, beside):
        folder.mkdir()
        (folder / "emotions.toml").write_text(f"# {folder.name}", "utf-8")
    settings = Settings(config=write(beside, ""), data_dir=data)
    sources = texts_named("emotions.toml", settings)
    assert [file for _, file in sources] == [
        str(folder / "emotions.toml") for folder in (SHIPPED, beside, data)
    ]
    assert [text for text, _ in sources][1:] == ["# beside", "# data"]


def test_a_users_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").mkdir()
    with pytest.raises(SettingsError, match=r"lexicon\.toml: cannot be read: Is a directory"):
        texts_named("lexicon.toml", Settings(data_dir=tmp_path))


@pytest.mark.parametrize(
    ("uri", "host", "port"),
    [
        ("tcp://0.0.0.0:10200", "0.0.0.0", 10200),  # noqa: S104 - an example
        ("tcp://hub.local:0", "hub.local", 0),
        ("tcp://[::1]:65535", "::1", 65535),
    ],
)
def test_an_address_is_read_and_written(uri: str, host: str, port: int) -> None:
    assert Address.parse(uri) == Address(host, port)
    assert str(Address(host, port)) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "", "10200", "tcp://", "tcp://h", "tcp://h:x", "tcp://h:65536", "tcp://h:-1", "tcp://:1",
        "tcp://h:1/", "tcp://h:1?x", "tcp://a@h:1", "tcp://[::1:1", "udp://h:1",
    ],
)  # fmt: skip
def test_anything_else_is_no_address(uri: str) -> None:
    with pytest.raises(ValueError, match="must be tcp://HOST:PORT"):
        Address.parse(uri)


VALUES = st.sampled_from(["1", "'x'", "[\n1,\n\n2]", "'''\nb = 1\n'''", "{ c = 1 }", "[] # d = 2"])
"""Values on one line and on several, some of which look like keys."""

FILLERS = st.lists(st.sampled_from(["", "# x = 1", "  "]), max_size=3)


@given(st.lists(st.tuples(FILLERS, VALUES), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_the_line_of_a_key_is_the_line_it_begins_on(
    entries: list[tuple[list[str], str]], newline: str
) -> None:
    lines: list[str] = []
    began: dict[str, int] = {}
    for number, (filler, value) in enumerate(entries):
        lines += filler
        began[f"k{number}"] = len(lines) + 1
        lines += f"k{number} = {value}".split("\n")
    text = newline.join(lines) + newline
    assert {key: line_of([key], text) for key in began} == began
