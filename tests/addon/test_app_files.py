"""The app's files say what the program does, and what the Supervisor takes."""

import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from tests.addon.app import FOLDER, ROOT, environment, read, sources
from wyoming_indextts import __version__
from wyoming_indextts.settings import Settings, load
from wyoming_indextts.settings.app_options import OPTIONS, RENAMED, app_options

CONFIG = read("config.yaml")

FOLDERS = (
    "addon",
    "blueprints",
    "config",
    "contrib",
    "docs",
    "script",
    "tests",
    "wyoming_indextts",
)
"""What users get of the repository; folders with a dot are not looked into."""

RANGED = {
    name: re.findall(r"[\d.]+", kind)
    for name, kind in CONFIG["schema"].items()
    if kind.startswith("float")
}
"""Lowest and highest of each number."""


def test_the_configuration_is_one_that_the_supervisor_takes() -> None:
    schema = json.loads((Path(__file__).parent / "app_config.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(CONFIG)


def test_there_is_no_other_file_that_the_supervisor_would_take_for_an_app() -> None:
    """It searches the whole repository for config.yaml, .yml and .json."""
    found = [
        file.relative_to(ROOT)
        for file in ROOT.rglob("config.*")
        if file.suffix in {".yaml", ".yml", ".json"}
    ]
    others = [file for file in found if file.parts[0] != "cache_hub" and file.parts[0][0] != "."]
    assert others == [Path("addon/config.yaml")]


def test_every_option_is_a_setting_and_every_setting_of_these_an_option() -> None:
    assert CONFIG["schema"].keys() == OPTIONS.keys()
    assert not CONFIG["schema"].keys() & RENAMED.keys()


def test_the_options_that_are_set_at_first_are_good(tmp_path: Path) -> None:
    (tmp_path / "options.json").write_text(json.dumps(CONFIG["options"]), "utf-8")
    assert app_options(tmp_path / "options.json").complaints == ()


def test_no_option_of_words_has_a_length() -> None:
    """The Supervisor would compare the words themselves with it, and refuse whatever is typed."""
    kinds = CONFIG["schema"].values()
    assert not [kind for kind in kinds if re.match(r"(str|password)\(", kind)]


@pytest.mark.parametrize("name", RANGED)
def test_the_supervisor_asks_for_the_range_that_the_setting_has(name: str, tmp_path: Path) -> None:
    lowest, highest = map(float, RANGED[name])
    for value, is_good in (
        (lowest, True),
        (highest, True),
        (lowest - 0.1, False),
        (highest + 0.1, False),
    ):
        (tmp_path / "options.json").write_text(json.dumps({name: value}), "utf-8")
        assert (not app_options(tmp_path / "options.json").complaints) is is_good


def test_emotions_to_choose_from_are_those_that_are_shipped() -> None:
    shipped = tomllib.loads((ROOT / "config" / "emotions.toml").read_text("utf-8"))
    listed = re.fullmatch(r"list\((.*)\)\?", CONFIG["schema"]["emotion"])
    assert listed and listed[1].split("|") == [name for name in shipped if name != "auto"]


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_option_and_port_is_explained(language: str) -> None:
    told = read(f"translations/{language}.yaml")
    assert told["configuration"].keys() == CONFIG["schema"].keys()
    assert all(set(entry) == {"name", "description"} for entry in told["configuration"].values())
    assert told["network"].keys() == CONFIG["ports"].keys()


def test_the_documentation_names_every_option() -> None:
    docs = (FOLDER / "DOCS.md").read_text("utf-8")
    assert [name for name in CONFIG["schema"] if f"**{name}**" not in docs] == []


def test_the_image_sets_what_can_be_set(tmp_path: Path) -> None:
    env = {**environment(), "SUPERVISOR_TOKEN": "x", "WYOMING_INDEXTTS_APP_OPTIONS": str(tmp_path)}
    settings = load({}, env)
    assert (str(settings.data_dir), str(settings.cache_dir)) == ("/data", "/opt/voice")
    assert settings.http.ingress == ("172.30.32.2",)
    assert not settings.wyoming.zeroconf  # Home Assistant would find it twice
    assert settings.http.open is None  # others are asked for a token


def test_ports_are_those_that_the_program_listens_at() -> None:
    defaults = Settings()
    assert defaults.http.address
    assert CONFIG["ingress_port"] == defaults.http.address.port
    ports = {f"{defaults.wyoming.address.port}/tcp", f"{defaults.http.address.port}/tcp"}
    assert CONFIG["ports"] == dict.fromkeys(ports)


def test_the_build_is_sent_what_it_copies() -> None:
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    sent = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert sorted(sent) == sorted(sources())


def test_the_image_has_the_packages_that_are_tested_and_no_torch() -> None:
    text = (FOLDER / "requirements.txt").read_text("utf-8")
    packages = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))
    blocks = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    tested = (ROOT / "constraints.txt").read_text("utf-8")
    pins = {
        name.lower().replace("_", "-"): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", tested, re.MULTILINE)
    }
    assert {name: pins.get(name) for name in packages} == packages
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["formats"]
    assert {Requirement(one).name for one in wanted} <= packages.keys()
    assert not {"torch", "transformers", "aiortc"} & packages.keys()


def test_the_profile_is_the_apps() -> None:
    profile = (FOLDER / "apparmor.txt").read_text("utf-8")
    assert f"\nprofile {CONFIG['slug']} flags=(attach_disconnected,mediate_deleted) {{\n" in profile
    assert "capability" not in re.sub("#.*", "", profile)


def test_backups_leave_the_weights_out() -> None:
    assert any(fnmatch("0123456789abcdef.onnx", left_out) for left_out in CONFIG["backup_exclude"])
    assert not environment()["WYOMING_INDEXTTS_CACHE_DIR"].startswith("/data")


def test_the_repository_is_one() -> None:
    told = yaml.safe_load((ROOT / "repository.yaml").read_text("utf-8"))
    assert told.keys() == {"name", "url", "maintainer"}
    assert told["url"] == CONFIG["url"]


def test_the_newest_change_is_this_versions() -> None:
    changes = (FOLDER / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (.+)$", changes, re.MULTILINE)[0] == __version__
