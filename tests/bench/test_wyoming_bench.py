"""What wyoming-bench 2026.10.0 prints is read line by line."""

from bench.wyoming_bench import Measured, read

PRINTED = """\
wyoming-bench 2026.10.0 (tts)
[warmup:streaming] ok
[non_streaming] r0 sent=1 ttft=103ms total=156ms audio=3.53s bytes=155648 cycles=1
[streaming] r0 sent=4 ttft=1170ms total=4312ms audio=11.20s bytes=493920 cycles=4
[streaming] r1 FAIL: server error (busy): try again
  TTFT (ms)         103.0     103.0
"""


def test_measurements_are_read_and_nothing_else() -> None:
    assert read(PRINTED) == [
        Measured("non_streaming", 0.103, 0.156, 3.53),
        Measured("streaming", 1.17, 4.312, 11.2),
    ]
