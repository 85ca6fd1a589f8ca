"""What is said is cut where a speaker breathes, and nothing of it is lost."""

from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.kokoro.clauses import FIRST, LIMIT, SHORT, Piece, clauses, pieces
from wyoming_indextts.speech.script import Phrase

TEXTS = st.text(st.one_of(st.sampled_from("你好，。！…abc ,.?!\n“”"), st.characters()), max_size=80)
PHRASES = st.builds(Phrase, TEXTS, st.sampled_from([(), (), ("chong2", "qi3")]))
WORDS = st.lists(st.text("abcdef", min_size=1, max_size=12), min_size=1, max_size=60)
PIECES = st.lists(
    st.builds(Piece, WORDS.map(" ".join), st.sampled_from([0.0, 0.2, 0.4])), max_size=12
)


def cut(text: str) -> list[str]:
    return ["".join(phrase.text for phrase in piece) for piece in pieces([Phrase(text)])]


def said(*lengths: int) -> list[Piece]:
    return [Piece("a" * length, 0.2) for length in lengths]


def lengths(cut_up: list[Piece]) -> list[int]:
    return [len(clause.symbols) for clause in cut_up]


def test_a_mark_ends_a_piece_and_stays_with_it() -> None:
    assert cut("早上好，今天有雨。Take an umbrella!") == [
        "早上好，",
        "今天有雨。",
        "Take an umbrella!",
    ]


def test_closing_quotes_stay_with_their_piece() -> None:
    assert cut("他说：“走吧。”然后走了") == ["他说：", "“走吧。”", "然后走了"]


def test_a_point_inside_a_name_or_number_ends_nothing() -> None:
    assert cut("Dr. Smith has 3.5, Node.js 1,000") == ["Dr. Smith has 3.5, ", "Node.js 1,000"]


def test_a_piece_goes_on_over_a_given_reading() -> None:
    phrases = [Phrase("去"), Phrase("重庆", ("chong2", "qing4")), Phrase("吧。好")]
    assert list(pieces(phrases)) == [
        (Phrase("去"), Phrase("重庆", ("chong2", "qing4")), Phrase("吧。")),
        (Phrase("好"),),
    ]


@given(st.lists(PHRASES, max_size=5))
def test_no_character_is_lost_between_pieces(phrases: list[Phrase]) -> None:
    whole = "".join(phrase.text for phrase in phrases)
    assert "".join(phrase.text for piece in pieces(phrases) for phrase in piece) == whole


def test_the_first_clause_is_the_first_piece_so_that_sound_starts_early() -> None:
    assert lengths(clauses(said(20, 20, 20))) == [20, 20, 20]


def test_a_first_word_alone_goes_on_to_the_next_mark() -> None:
    assert lengths(clauses(said(SHORT - 1, 20, 20)))[0] == SHORT + 20


def test_later_clauses_grow_as_there_is_more_to_listen_to() -> None:
    assert lengths(clauses(said(*[20] * 10))) == [20, 20, 41, 83, 41]


def test_a_fast_machine_is_given_longer_clauses() -> None:
    assert lengths(clauses(said(*[20] * 5), reach=2.5)) == [20, 41, 41]
    assert lengths(clauses(said(*[20] * 5), reach=0.5)) == lengths(clauses(said(*[20] * 5)))


def test_a_first_piece_that_is_too_long_is_cut_between_words() -> None:
    long = Piece(" ".join(["word"] * 20), 0.4)
    first, *_ = clauses([long])
    assert FIRST / 2 < len(first.symbols) <= FIRST
    assert first.symbols.endswith("word,")
    assert first.pause == 0.0


def test_slow_speech_has_fewer_symbols_in_its_clauses() -> None:
    long = [Piece(" ".join(["word"] * 60), 0.4)]
    assert max(lengths(clauses(long, 0.5))) <= LIMIT / 2
    assert clauses(long, 2.0) == clauses(long)


@given(PIECES, st.floats(0.5, 2.0))
def test_no_clause_is_too_long_and_no_word_is_lost(whole: list[Piece], pace: float) -> None:
    cut_up = clauses(whole, pace)
    assert all(0 < length <= LIMIT for length in lengths(cut_up))
    words = [word for piece in whole for word in piece.symbols.split()]
    kept = [word.rstrip(",") for clause in cut_up for word in clause.symbols.split()]
    assert kept == words


@given(PIECES)
def test_the_last_pause_is_that_of_the_last_piece(whole: list[Piece]) -> None:
    assert [clause.pause for clause in clauses(whole)][-1:] == [p.pause for p in whole][-1:]


def test_a_word_that_is_longer_than_any_clause_is_cut() -> None:
    (first, *rest) = clauses([Piece("x" * 1000, 0.0)])
    assert max(lengths([first, *rest])) <= LIMIT
    assert sum(clause.symbols.count("x") for clause in [first, *rest]) == 1000
