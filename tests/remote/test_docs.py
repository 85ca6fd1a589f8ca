"""What docs/gateway.md tells people to do and to expect is what happens."""

import stat
import subprocess
from pathlib import Path

from tests.remote.docs import PAGE, blocks
from tests.remote.far_side import TOKEN, far_side, options
from wyoming_indextts.doctor.far_side import MENDS
from wyoming_indextts.gateway import remote_options
from wyoming_indextts.remote import connecting
from wyoming_indextts.remote.connecting import connected
from wyoming_indextts.remote.options import RemoteOptions
from wyoming_indextts.settings import load
from wyoming_indextts.speech.wire import PROTOCOL


def token_file(folder: Path) -> Path:
    """Return the file that the page's command writes."""
    command = blocks("sh", "remote.token")[0].replace("THE-TOKEN", TOKEN)
    subprocess.run(["sh", "-ec", command], cwd=folder, check=True)  # noqa: S603, S607
    return folder / "remote.token"


async def test_a_token_written_as_the_page_says_is_taken(tmp_path: Path) -> None:
    file = token_file(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with far_side() as far:
        async with connected(options(far.url, None, token_file=file)) as there:
            assert there.house.default == "alice"


def test_the_settings_of_the_page_are_settings(tmp_path: Path) -> None:
    for number, text in enumerate(blocks("toml", "[remote]")):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, "utf-8")
        told = remote_options(load({"config": file}, {}), 22_050)
        assert told.url in ("ws://gpu.local:8080/ws", "wss://gpu.local:8080/ws")
        assert told.token_file == Path("remote.token")
    assert number == 1


def test_what_goes_wrong_is_in_the_page_in_the_words_that_are_said() -> None:
    page = PAGE.read_text("utf-8")
    source = Path(connecting.__file__).read_text("utf-8")
    for words in (
        "it does not take our token",
        "it sends us away (403)",
        "its certificate is not trusted",
        "TLS does not come about",
        "it is no wyoming-indextts (HTTP",
        "its name is not known",
    ):
        assert words in page
        assert words in source
    assert PROTOCOL in page
    assert "What goes wrong" in page and "What goes wrong" in MENDS["forbidden"]


def test_the_times_of_the_page_are_the_defaults() -> None:
    page, usual = PAGE.read_text("utf-8"), RemoteOptions("ws://gpu/ws", 22_050)
    assert f"after {usual.silence:g} s without one" in page
    assert f"no answer within {usual.connect_timeout:g} s" in page
