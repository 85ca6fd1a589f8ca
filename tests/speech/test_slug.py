"""A voice's name is safe wherever a name is written."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.slug import LONGEST, check_slug, is_slug, slug_of

NEARLY = st.text("ab09-_.. /\\A\n\u0661\u00e9%\0", max_size=LONGEST + 2)
"""Texts of which many are slugs, or would be by a careless rule."""


@given(st.one_of(st.text(), NEARLY))
def test_a_slug_is_the_same_in_a_path_and_in_a_url(text: str) -> None:
    if is_slug(text):
        assert (Path("/voices") / text).resolve() == Path("/voices", text)
        assert Path("/voices", text).parent == Path("/voices")
        assert quote(text, safe="") == text == text.lower() == slug_of(text)
        assert 1 <= len(text) <= LONGEST
        check_slug(text)
    else:
        with pytest.raises(BadRequestError, match="a voice cannot be named"):
            check_slug(text)


@given(st.one_of(st.text(), NEARLY))
def test_the_nearest_slug_is_one_or_nothing(text: str) -> None:
    nearest = slug_of(text)
    assert nearest == "" or is_slug(nearest[:LONGEST].strip("-"))
    assert slug_of(nearest) == nearest


@pytest.mark.parametrize(
    ("wrong", "such"),
    [
        ("Mum", "'mum'"),
        ("my mum", "'my-mum'"),
        ("../etc", "'etc'"),
        ("a--b", "'a-b'"),
        ("-a", "'a'"),
        ("a\n", "'a'"),
        ("妈妈", "'mum'"),
        ("", "'mum'"),
        ("a" * 41, f"'{'a' * 40}'"),
    ],
)
def test_a_wrong_name_is_told_with_one_that_would_do(wrong: str, such: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        check_slug(wrong)
    assert str(refused.value).endswith(f"such as {such}")


@pytest.mark.parametrize("right", ["mum", "a", "7", "my-mum-2", "a" * 40])
def test_small_letters_digits_and_hyphens_do(right: str) -> None:
    check_slug(right)
