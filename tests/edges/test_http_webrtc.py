"""The control protocol over WebRTC: messages in a data channel, sound in a track, in real time."""

import asyncio
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.edges.http_house import PATIENCE, serving
from tests.edges.http_peer import Peer, connected
from tests.edges.own_network import own_network
from tests.tone import CHARACTER, ToneEngine, tone
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.opus import SAMPLES, SECONDS, OpusEncoder, Resampler
from wyoming_indextts.edges.http.peer import better
from wyoming_indextts.edges.http.quality import QUALITIES, Quality
from wyoming_indextts.edges.http.track import AHEAD, TAIL, SpeechTrack
from wyoming_indextts.speech.audio import Pcm

HELLO = "Hello, hello, hello."
ENDLESS = "word " * 2000
SDP = {"Content-Type": "application/sdp"}


@pytest.fixture(autouse=True, scope="module")
def _network() -> Iterator[None]:
    with own_network():
        yield


async def test_a_text_is_heard_in_the_time_it_takes() -> None:
    async with serving() as house, connected(house) as peer:
        began = time.monotonic()
        peer.say("speak", id="u1", text=HELLO)
        assert (await peer.until("start"))["id"] == "u1"
        assert (await peer.until("sentence"))["text"] == HELLO
        end = await peer.until("end", "error", "cancelled")
        assert (end["type"], end["seconds"]) == ("end", pytest.approx(len(HELLO) * CHARACTER))
        assert time.monotonic() - began >= 0.9 * end["seconds"]
        await asyncio.sleep(0.2)
        assert peer.heard == pytest.approx(end["seconds"], abs=0.15)


async def test_a_cancelled_utterance_falls_silent_at_once() -> None:
    async with serving() as house, connected(house) as peer:
        peer.say("speak", id="u1", text=ENDLESS)
        await peer.sounding(0.3)
        peer.say("cancel", id="u1")
        assert (await peer.until("end", "error", "cancelled"))["type"] == "cancelled"
        heard = peer.heard
        await asyncio.sleep(0.5)
        assert peer.heard - heard < 0.25  # what was on its way, and what the receiver held back


async def test_the_next_utterance_is_heard_after_a_rest() -> None:
    async with serving() as house, connected(house) as peer:
        for name in ("u1", "u2"):
            before = peer.heard
            peer.say("speak", id=name, text=HELLO)
            assert (await peer.until("end", "error"))["type"] == "end"
            assert peer.heard - before > 0.5 * len(HELLO) * CHARACTER
            await asyncio.sleep((TAIL + 10) * SECONDS)


async def test_who_hangs_up_ends_his_speech_and_leaves_nothing() -> None:
    async with serving(ToneEngine(pace=0.002)) as house:
        async with connected(house) as peer:
            peer.say("speak", id="u1", text=ENDLESS)
            await peer.sounding()
            assert house.server.sessions == 1
        await house.emptied_sessions()
        await house.silent()


async def test_the_address_of_the_answer_ends_the_session() -> None:
    async with serving() as house, connected(house) as peer:
        async with house.client.delete(f"/{peer.address}") as answer:
            assert answer.status == 200
        await house.emptied_sessions()
        assert await house.error("DELETE", f"/{peer.address}") == (404, "not-found")


async def test_the_server_goes_down_and_says_so() -> None:
    async with serving() as house, connected(house) as peer:
        peer.say("speak", id="u1", text=ENDLESS)
        await peer.sounding()
        await house.down()
        end = await peer.until("end", "error", "cancelled")
        assert (end["type"], end["code"]) == ("error", "shutdown")


async def test_what_is_no_message_ends_the_session() -> None:
    async with serving() as house, connected(house) as peer:
        peer.channel.send(b"\0" * 100)
        await house.emptied_sessions()


async def test_what_cannot_be_done_is_told() -> None:
    async with serving() as house, connected(house) as peer:
        peer.channel.send("{")
        assert (await peer.until("error"))["code"] == "bad-data"
        peer.say("speak", id="u1", text=HELLO)
        assert (await peer.until("end"))["id"] == "u1"


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ("", "unsupported"),
        ("hello", "unsupported"),
        ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "unsupported"),
        ("m=audio\r\nm=application\r\n", "bad-data"),
        ("v=0\r\nm=audio x y z\r\nm=application 9\r\na=candidate:\r\n", "bad-data"),
        (b"\xff\xfe", "bad-data"),
        ("m=audio 9\r\n" * 8000, "too-large"),
    ],
)
async def test_what_is_no_offer_is_one_error(offer: str | bytes, code: str) -> None:
    async with serving() as house:
        _, told = await house.error("POST", "/whep", data=offer, headers=SDP)
        assert told == code
        assert house.server.sessions == 0


async def test_an_offer_says_what_it_is() -> None:
    async with serving() as house:
        assert await house.error("POST", "/whep", json={}) == (415, "unsupported")


async def test_one_too_many_is_told_so() -> None:
    async with serving(options=HttpOptions(peers=1)) as house, connected(house):
        other = Peer()
        refused = await house.error("POST", "/whep", data=await other.offer(), headers=SDP)
        assert refused == (429, "busy")
        await other.close()


async def test_who_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wyoming_indextts.edges.http.wire.CONNECT", 0.2)
    async with serving() as house:
        other = Peer()
        offer = await other.offer()
        async with house.client.post("/whep", data=offer, headers=SDP) as answer:
            assert answer.status == 201
        assert house.server.sessions == 1
        await house.emptied_sessions()
        await other.close()


async def test_packets_that_are_late_are_left_out_and_not_sent_in_a_rush() -> None:
    track = SpeechTrack()
    await track.put(tone(0.4))
    first = await track.recv()
    await asyncio.sleep(0.3)
    second = await track.recv()
    assert second.pts is not None and first.pts is not None
    assert second.pts - first.pts >= 0.28 * 48_000
    track.stop()


async def test_the_track_takes_half_a_second_ahead_and_no_more() -> None:
    track = SpeechTrack()
    putting = asyncio.create_task(track.put(tone(5.0)))
    await asyncio.sleep(0.05)
    assert not putting.done()
    assert pytest.approx(0.5) == AHEAD * SECONDS
    track.stop()
    async with asyncio.timeout(PATIENCE):
        await putting


async def test_a_track_that_has_ended_takes_the_rest_and_waits_for_nobody() -> None:
    track = SpeechTrack()
    track.stop()
    await track.put(tone(0.33))
    async with asyncio.timeout(PATIENCE):
        await track.flush()


@pytest.mark.parametrize("quality", QUALITIES)
def test_packets_carry_what_mends_the_one_before(quality: Quality) -> None:

    voice = np.random.default_rng(1).normal(0, 3000, 48_000)  # hiss: never silence, never the same
    encoder = OpusEncoder(quality)
    packets = [
        encoder.encode(voice[at : at + SAMPLES].astype("<i2").tobytes())
        for at in range(0, 48_000, SAMPLES)
    ]
    speech = [packet for packet in packets if packet[0] >> 3 < 16]  # RFC 6716: SILK or hybrid
    assert len(speech) == len(packets)
    assert sum(bool(packet[1] & 0x40) for packet in speech) > 0.6 * len(packets)  # its LBRR flag


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_sound_is_resampled_the_same_however_it_is_cut(rate: int) -> None:
    sound = tone(0.5, rate).data
    whole, cut = Resampler(rate), Resampler(rate)
    expected = whole.feed(sound) + whole.flush()
    found = b"".join(cut.feed(sound[at : at + 666]) for at in range(0, len(sound), 666))
    assert found + cut.flush() == expected
    assert len(expected) == pytest.approx(48_000, abs=4)
    assert Pcm(expected, 48_000).seconds == pytest.approx(0.5, abs=0.001)


def test_a_line_that_loses_much_gets_less_and_then_more_again() -> None:
    best, middle, worst = QUALITIES
    assert better(middle, 0.2) is worst
    assert better(worst, 0.2) is worst
    assert better(middle, 0.05) is middle
    assert better(middle, 0.0) is best
    assert better(best, 0.0) is best


async def test_what_is_spoken_to_one_is_heard_by_all_who_listen() -> None:
    async with serving() as house, connected(house) as speaker:
        where = f"/whep?session={speaker.address.removeprefix('whep/')}"
        async with (
            connected(house, where, plain=True) as one,
            connected(house, where, plain=True) as other,
        ):
            speaker.say("speak", id="u1", text=HELLO)
            assert (await speaker.until("end", "error"))["type"] == "end"
            assert one.heard > 0.5 * len(HELLO) * CHARACTER
            assert other.heard > 0.5 * len(HELLO) * CHARACTER
            assert len(house.engine.jobs) == 1
            async with house.client.delete(f"/{speaker.address}"):
                pass
            await house.emptied_sessions()  # who listens goes with the one who is heard


async def test_only_a_session_that_is_there_is_heard() -> None:
    async with serving() as house:
        offer = await (player := Peer(plain=True)).offer()
        where = "/whep?session=nobody"
        told = await house.error("POST", where, data=offer, headers=SDP)
        assert told == (404, "not-found")
        await player.close()
        assert house.server.sessions == 0


async def test_a_browser_learns_that_offers_are_taken() -> None:
    async with serving() as house, house.client.options("/whep") as answer:
        assert answer.headers["Accept-Post"] == "application/sdp"
