"""The doctor looks at a gateway's far side, and never shows the token."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.far_side import TOKEN, another, far_side, free_port
from tests.remote.test_connecting import speaks
from wyoming_indextts import __version__, app
from wyoming_indextts.doctor.examination import examine
from wyoming_indextts.doctor.far_side import far_side as examined
from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.settings import Settings


async def found(url: str, **more: object) -> Finding:
    settings = Settings.model_validate({"remote": {"url": url, "token": TOKEN, **more}})
    finding = await examined(settings)
    assert finding is not None
    assert TOKEN not in repr(finding) and TOKEN not in repr(settings)
    return finding


async def test_a_far_side_that_takes_us_is_told_with_version_and_voices() -> None:
    async with far_side() as far:
        finding = await found(far.url)
        assert finding == Finding(
            "remote",
            "ok",
            f"wyoming-indextts {__version__} at {far.url}/ws takes us; 2 voices: alice, bob",
        )
        alice = next(iter(far.cast.voices))
        far.cast.voices.replace([replace(alice, name=f"v{number}") for number in range(20)])
        assert (await found(far.url)).text.endswith(
            "20 voices: v0, v1, v2, v3, v4, v5, v6, v7, ..."
        )


async def test_what_is_amiss_is_an_error_only_if_nobody_stands_in() -> None:
    away = f"ws://127.0.0.1:{free_port()}"
    finding = await found(away)
    assert finding.state == "warning"
    assert finding.text == f"the far side at {away}/ws is not there: connection refused"
    assert finding.mend.startswith("wake it, or see remote.url")
    assert (await found(away, fallback=False)).state == "error"


async def test_a_wrong_token_and_another_version_have_mends_of_their_own(tmp_path: Path) -> None:
    async with far_side() as far:
        (tmp_path / "token").write_text("not-the-one-at-all")
        finding = await found(far.url, token_file=tmp_path / "token")
        assert "does not take our token" in finding.text
        assert "http-tokens" in finding.mend
    hello = '{"type": "hello", "version": "0.0.1"}'
    async with another(speaks(hello, protocol="none")) as wanted:
        finding = await found(wanted.url)
        assert "it is wyoming-indextts 0.0.1" in finding.text
        assert finding.mend == "upgrade the older of the two"


async def test_without_a_far_side_there_is_nothing_to_tell() -> None:
    assert await examined(Settings()) is None
    named = {"engine": "embedded", "remote": {"url": "ws://gpu:8080"}}
    assert await examined(Settings.model_validate(named)) is None


async def test_it_is_part_of_the_examination(tmp_path: Path) -> None:
    (tmp_path / "emotions.toml").write_text("broken")  # so that nobody has to speak
    flags = {"data_dir": tmp_path, "cache_dir": tmp_path, "wyoming.uri": "tcp://127.0.0.1:0"}
    async with far_side() as far:
        flags |= {"remote.url": far.url, "remote.token": TOKEN}
        looking = examine(flags, {}, cast=app.casting, speaking=app.speaking_embedded)
        findings = {finding.topic: finding async for finding in looking}
    assert findings["remote"].state == "ok"
    assert TOKEN not in repr(findings)


@pytest.mark.parametrize("engine", ["auto", "remote"])
async def test_either_engine_that_means_it_is_examined(engine: str) -> None:
    url = f"ws://127.0.0.1:{free_port()}"
    settings = Settings.model_validate({"engine": engine, "remote": {"url": url}})
    assert await examined(settings) is not None
