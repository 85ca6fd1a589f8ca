"""The file that says who may do what over HTTP."""

from pathlib import Path

import pytest

from wyoming_indextts.errors import BadRequestError, StorageFullError
from wyoming_indextts.store.tokens import SCOPES, make_tokens, read_tokens

LINE = "Kq3-abcdefghijklmnop speak"


def test_a_token_is_made_once_and_only_for_the_servers_user(tmp_path: Path) -> None:
    file = tmp_path / "data" / "http-tokens"
    token = make_tokens(file)
    assert token is not None and len(token) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_tokens(file) == {token: frozenset(SCOPES)}
    assert make_tokens(file) is None
    assert read_tokens(file).keys() == {token}


def test_two_servers_have_two_tokens(tmp_path: Path) -> None:
    assert make_tokens(tmp_path / "a") != make_tokens(tmp_path / "b")


def test_people_write_tokens_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "http-tokens"
    file.write_text(f"# the kitchen\n\n{LINE}\n  another-token-of-mine control  voices\n", "utf-8")
    assert read_tokens(file) == {
        "Kq3-abcdefghijklmnop": frozenset({"speak"}),
        "another-token-of-mine": frozenset({"control", "voices"}),
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no token"),
        ("# nobody\n", "has no token"),
        (f"{LINE}\nshort speak\n", "line 2"),
        ("Kq3-abcdefghijklmnop\n", "line 1"),
        ("Kq3-abcdefghijklmnop sing\n", "line 1"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_its_token_is_not(
    content: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "http-tokens"
    file.write_text(content, "utf-8")
    with pytest.raises(BadRequestError, match=said) as raised:
        read_tokens(file)
    assert "Kq3" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_a_file_that_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match="http-tokens cannot be read"):
        read_tokens(tmp_path / "http-tokens")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRequestError, match="binary cannot be read"):
        read_tokens(tmp_path / "binary")


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFullError, match="--data-dir"):
        make_tokens(tmp_path / "file" / "http-tokens")
