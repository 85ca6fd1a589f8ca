"""What every session shares with all others: who is known by which id, who comes, what goes out."""

from dataclasses import dataclass

from wyoming_indextts.edges.http.sessions import Sessions
from wyoming_indextts.edges.http.traffic import Traffic
from wyoming_indextts.edges.http.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Hall:
    """Where sessions are let in."""

    sessions: Sessions
    visitors: Visitors
    traffic: Traffic
