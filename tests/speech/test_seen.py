"""Which ids were taken lately."""

from wyoming_indextts.speech.seen import Seen


def test_an_id_is_known_for_a_while() -> None:
    seen = Seen(window=10.0)
    seen.add("a", 100.0)
    assert seen.has("a", 109.9)
    assert not seen.has("a", 110.0)
    assert not seen.has("b", 100.0)


def test_only_so_many_are_known() -> None:
    seen = Seen(most=3)
    for number in range(5):
        seen.add(str(number), 0.0)
    assert [seen.has(str(number), 1.0) for number in range(5)] == [False, False, True, True, True]
