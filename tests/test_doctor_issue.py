"""What the doctor writes for an issue tells all that helps, and nothing that is a secret."""

from pathlib import Path

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.doctor.issue import as_issue
from wyoming_indextts.settings import Settings

HOME = Path("/home/anna")


def settings(table: dict[str, object]) -> Settings:
    return Settings.model_validate(table)


def test_findings_and_versions_are_a_table() -> None:
    findings = [Finding("port", "ok", "free"), Finding("sound", "warning", "a|b", "buy one")]
    text = as_issue(findings, settings({}), home=HOME)
    assert text.startswith("wyoming-indextts ")
    assert "| ok | port | free |" in text
    assert "| warning | sound | a\\|b -> buy one |" in text


def test_only_what_differs_from_the_defaults_is_told() -> None:
    text = as_issue([], settings({"voice": "yun", "mqtt": {"host": "10.0.0.5", "port": 1884}}))
    assert "voice = 'yun'" in text
    assert "mqtt.host = '10.0.0.5'\nmqtt.port = 1884\n" in text
    assert "http" not in text


def test_no_secret_and_no_name_of_a_person_is_told() -> None:
    told = as_issue(
        [Finding("far side", "error", "wss://anna:hunter2@gpu:8080 does not answer")],
        settings({
            "mqtt": {"host": "h", "username": "anna", "password": "hunter2"},
            "http": {"turn_password": "hunter2"},
            "announce": {"hub": {"url": "http://anna:hunter2@hub:8123", "token": "hunter2"}},
        }),
        home=HOME,
    )  # fmt: skip
    assert "mqtt.password = (set)" in told
    assert "mqtt.username = (set)" in told
    assert "announce.hub.url = 'http://hub:8123'" in told
    assert "| error | far side | wss://gpu:8080 does not answer |" in told
    assert "hunter2" not in told
    assert "anna" not in told


def test_the_home_folder_is_not_told() -> None:
    found = Finding("data", "ok", "/home/anna/.local/share/wyoming-indextts, 70.1 GB free")
    text = as_issue([found], settings({"data_dir": HOME / "voices"}), home=HOME)
    assert "anna" not in text
    assert "~/.local/share/wyoming-indextts, 70.1 GB free" in text
    assert "data_dir = '~/voices'" in text
