"""What was measured as tables in Markdown, as JSON, and as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Final

from wyoming_indextts.bench.contest import Ready
from wyoming_indextts.bench.contestants import Answer, Moment
from wyoming_indextts.bench.measuring import Results, percentile
from wyoming_indextts.bench.tables import Rows, figure, table

STREAMED: Final = "ours, streamed"

WHOLE: Final = "ours, one shot"

REFERENCE: Final = "indextts2-inference"

STAGES: Final = ("conditioning", "text", "codes", "second pass", "flow", "wave", "rest")

PIECES: Final = {
    "codes": {"code": "codes", "place": "places"},
    "flow": {
        "frame_step": "frame_steps",
        "pinned_step": "pinned_steps",
        "frame_pair": "frame_pairs",
    },
    "wave": {"frame_wave": "waves"},
}
"""By stage: the pieces of `floor` that it is made of, and what counts each of them."""

COLOURS: Final = {STREAMED: "#1b7f5c", WHOLE: "#64b5a0", REFERENCE: "#b0564f"}


class Report:
    """Reads results; seconds are of the CPU on a CPU, by the clock on a card."""

    def __init__(self, results: Results, ready: Mapping[str, Ready], *, device: str) -> None:
        self._results = results
        self._ready = ready
        self._on_card = device == "cuda"
        self._codes = sorted({codes for _, codes in results.answers})
        self._names = [name for name in COLOURS if (name, self._codes[0]) in results.answers]

    @property
    def ratios(self) -> dict[str, float]:
        """The reference's seconds over ours: whole at the shortest text, first at the longest."""
        if REFERENCE not in self._names:
            return {}
        short, long = self._codes[0], self._codes[-1]
        return {
            "whole": self._whole(REFERENCE, short) / self._whole(WHOLE, short),
            "first_audio": self._first(REFERENCE, long) / self._first(STREAMED, long),
        }

    def as_json(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Return all of it, `facts` of the machine first."""
        answers = [
            {"contestant": name, "codes": codes, **asdict(answer)}
            for (name, codes), given in self._results.answers.items()
            for answer in given
        ]
        return {
            **facts,
            "seconds": "of the clock" if self._on_card else "of the CPU",
            "contestants": {name: asdict(ready) for name, ready in self._ready.items()},
            "ratios": self.ratios,
            "answers": answers,
            "listeners": [asdict(crowd) for crowd in self._results.crowds],
            "cancelled": self._results.cancelled,
        }

    def tables(self) -> str:
        """Return the tables."""
        parts = [table(("seconds, median", *self._heads()), self._times())]
        parts += [self._stages(codes) for codes in self._codes]
        if self._results.crowds:
            parts.append(self._crowds())
        parts.append(self._last())
        return "\n\n".join(parts)

    def picture(self) -> str:
        """Return an SVG: bars of first audio and of the whole, by contestant."""
        bars = [
            (f"{what}, {codes} codes: {name}", name, seconds(name, codes))
            for codes in self._codes
            for what, seconds in (("first audio", self._first), ("whole", self._whole))
            for name in self._names
        ]
        longest = max(value for _, _, value in bars)
        box = f'viewBox="0 0 760 {24 * len(bars) + 16}"'
        space = 'xmlns="http://www.w3.org/2000/svg"'
        lines = [f'<svg {space} font-family="sans-serif" font-size="12" {box}>']
        for number, (label, name, value) in enumerate(bars):
            y, width = 24 * number + 8, 380 * value / longest
            lines += [
                f'<text x="290" y="{y + 13}" text-anchor="end">{label}</text>',
                f'<rect x="300" y="{y}" width="{width:.1f}" height="18" fill="{COLOURS[name]}"/>',
                f'<text x="{306 + width:.1f}" y="{y + 13}">{figure(value)} s</text>',
            ]
        return "\n".join([*lines, "</svg>\n"])

    def _heads(self) -> list[str]:
        return self._names + (["ratio"] if REFERENCE in self._names else [])

    def _times(self) -> Rows:
        for codes in self._codes:
            sound = median(one.sound for one in self._results.answers[self._names[0], codes])
            for what, seconds in (
                ("first audio", self._first),
                ("0.25 s in hand", self._beginning),
                ("whole", self._whole),
            ):
                values = [seconds(name, codes) for name in self._names]
                yield self._row(f"{codes} codes, {what}", values, best=what != "whole")
            values = [self._whole(name, codes) / sound for name in self._names]
            yield self._row(f"{codes} codes, whole, a second of sound", values, best=False)

    def _row(self, label: str, values: Sequence[float], *, best: bool) -> list[str]:
        row = [label, *map(figure, values)]
        if REFERENCE in self._names:
            ours = values[self._names.index(STREAMED if best else WHOLE)]
            row.append(figure(values[self._names.index(REFERENCE)] / ours))
        return row

    def _stages(self, codes: int) -> str:
        rows = []
        for stage in STAGES:
            spent = [self._spent(name, codes, stage) for name in self._names]
            if any(spent):
                rows.append([stage, *map(figure, spent), self._over(codes, stage)])
        head = (f"CPU seconds by stage, {codes} codes", *self._names, "ours, one shot, x floor")
        return table(head, rows)

    def _over(self, codes: int, stage: str) -> str:
        """Return a stage's seconds as a multiple of the least that it can take."""
        done = self._results.answers[WHOLE, codes][0].done
        if stage not in PIECES or done is None or self._on_card:
            return "-"
        floor = self._ready[WHOLE].floor
        least = sum(floor[piece] * done.counts[count] for piece, count in PIECES[stage].items())
        return figure(self._spent(WHOLE, codes, stage) / least)

    def _crowds(self) -> str:
        rows = [
            [str(one.listeners), *map(figure, (one.throughput, one.first_p50, one.first_p95)),
             str(one.underruns), figure(one.stalled)]
            for one in self._results.crowds
        ]  # fmt: skip
        head = ("listeners at once", "audio s per s", "first audio p50, s", "p95, s",
                "with an underrun", "stalled in all, s")  # fmt: skip
        return table(head, rows)

    def _last(self) -> str:
        rows = [[f"memory at most, MB: {name}", figure(self._memory(name))] for name in self._names]
        if gone := sorted(self._results.cancelled):
            rows.append(["cancel to last work, ms, median", figure(1000 * median(gone))])
            rows.append(["the same, p99", figure(1000 * percentile(gone, 99))])
        return table(("", "measured"), rows)

    def _memory(self, name: str) -> float:
        answers = (one for key, given in self._results.answers.items() if key[0] == name
                   for one in given)  # fmt: skip
        return max(one.done.megabytes for one in answers if one.done)

    def _spent(self, name: str, codes: int, stage: str) -> float:
        return median(
            one.done.spent.get(stage, 0.0)
            for one in self._results.answers[name, codes]
            if one.done is not None
        )

    def _first(self, name: str, codes: int) -> float:
        return self._median(self._results.answers[name, codes], "first")

    def _beginning(self, name: str, codes: int) -> float:
        return self._median(self._results.answers[name, codes], "beginning")

    def _whole(self, name: str, codes: int) -> float:
        return self._median(self._results.answers[name, codes], "whole")

    def _median(self, answers: Sequence[Answer], what: str) -> float:
        moments: list[Moment] = [getattr(one, what) for one in answers]
        return median(one.wall if self._on_card else one.cpu for one in moments)
