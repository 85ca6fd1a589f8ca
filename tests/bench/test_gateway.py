"""Rows of the gateway's table: the same quantity of both servers, and what one adds."""

from bench.gateway import Pair


def test_what_is_added_is_the_difference_of_the_two() -> None:
    pair = Pair([0.001, 0.002, 0.003], [0.0035, 0.0025, 0.0045])
    assert pair.row("first audio", 50, "<= 10") == ("first audio", "2.00", "3.50", "1.50", "<= 10")
    assert pair.row("first audio", 99)[1:] == ("3.00", "4.50", "1.50", "")
