"""The other contestant: `indextts2-inference` behind the least Wyoming server there can be.

A script for the other package's environment, where nothing of ours is: only its own code runs, fed
with the same weights, prompt and text ids, one beam, and as many codes. It speaks to one client at
a time and gives what its `stream_return` does: a whole segment at a time.

    python reference.py CONTEST    tells what `wyoming_indextts.bench.ours` does
"""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from io import BufferedRWPair
from os import _exit
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import torch

Stream = BufferedRWPair
"""Of a client, both ways."""

VOICE = "bench"
RATE = 22_050
STAGES = {
    "merge_emovec": "conditioning",
    "get_conditioning": "conditioning",
    "inference_speech": "codes",
    "second": "second pass",
    "flow": "flow",
    "wave": "wave",
}
"""What runs, and the stage it counts for."""

spent: dict[str, float] = {}
"""CPU seconds by stage of the request under way."""


def main() -> None:
    """Load, listen, and answer until standard input ends or the process is ended."""
    contest = json.loads(sys.argv[1])
    Thread(target=ended, daemon=True).start()
    reference = loaded(contest)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        about = f"indextts2-inference {version('indextts2-inference')}, torch {torch.__version__}"
        tell({"port": listening.getsockname()[1], "about": about})
        while True:
            client, _ = listening.accept()
            with client, client.makefile("rwb") as stream:
                try:
                    answer(stream, reference, contest)
                except ConnectionError:
                    continue


def ended() -> None:
    """End with standard input: whoever started this is gone."""
    sys.stdin.read()
    _exit(0)


def answer(stream: Stream, reference: Any, contest: dict[str, Any]) -> None:  # noqa: ANN401 - it has no types
    """Speak what one client asks for."""
    for kind, content in events(stream):
        if kind == "synthesize":
            write(stream, "audio-start", {"rate": RATE, "width": 2, "channels": 1})
            for wave in spoken(reference, content["text"], contest):
                samples = (wave.clamp(-1, 1) * 32_767).to(torch.int16).numpy().tobytes()
                write(stream, "audio-chunk", {"rate": RATE, "width": 2, "channels": 1}, samples)
            write(stream, "audio-stop", {})
        elif kind == "synthesize-stop":
            write(stream, "synthesize-stopped", {})


def spoken(reference: Any, text: str, contest: dict[str, Any]) -> Iterator[torch.Tensor]:  # noqa: ANN401 - likewise
    """Yield what it gives of a text; then tell what that took."""
    spent.clear()
    began = time.process_time()
    codes = contest["codes_per_token"] * len(contest["tokens"][text])
    waves = reference.infer_generator(
        VOICE, text, None, stream_return=True, num_beams=1, max_mel_tokens=codes, interval_silence=0
    )
    for wave in waves:
        if isinstance(wave, torch.Tensor):
            yield wave[0]
    spent["codes"] = spent["codes"] - spent.pop("within", 0.0)
    spent["rest"] = time.process_time() - began - sum(spent.values())
    # not getrusage, which would tell the most of whoever started this, where that was more
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    if torch.cuda.is_available():
        peak = torch.cuda.max_memory_reserved() / 2**20
    tell({"spent": spent, "counts": {"codes": codes}, "megabytes": peak})


def loaded(contest: dict[str, Any]) -> Any:  # noqa: ANN401 - likewise
    """Return the reference with its nets loaded, but for those that only enrol a voice."""
    folder, device = Path(contest["folder"]), contest["device"]
    config = import_module("omegaconf").OmegaConf.load(folder / "config.yaml")
    kind = import_module("indextts.infer_v2").IndexTTS2
    reference = kind.__new__(kind)
    gpt = import_module("indextts.gpt.model_v2").UnifiedVoice(**config.gpt)
    gpt.load_state_dict(torch.load(folder / "gpt.pth", mmap=True), assign=True)
    gpt = gpt.to(device).eval()
    gpt.post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=False)
    s2mel = s2mel_of(config, torch.load(folder / "s2mel.pth", weights_only=False)["net"])
    s2mel = s2mel.to(device).eval()
    s2mel.models["cfm"].estimator.setup_caches(max_batch_size=1, max_seq_length=8192)
    codec = import_module("indextts.utils.maskgct_utils").build_semantic_codec(
        config.semantic_codec
    )
    import_module("safetensors.torch").load_model(
        codec, folder / "hf_cache/semantic_codec_model.safetensors"
    )
    prompt = import_module("safetensors.torch").load_file(contest["prompt"])
    there = {name: tensor.to(device) for name, tensor in prompt.items()}
    vars(reference).update(
        device=device, dtype=None, cfg=config, gpt=gpt, s2mel=s2mel, stop_mel_token=-1,
        semantic_codec=codec.to(device).eval(), bigvgan=vocoder_of(folder).to(device),
        tokenizer=Tokenizer(contest["tokens"]), normalizer=None,
        cache_spk_audio_prompt=VOICE, cache_emo_audio_prompt=VOICE,
        cache_spk_cond=there["features"], cache_emo_cond=there["features"],
        cache_s2mel_style=there["style"], cache_s2mel_prompt=there["condition"],
        cache_mel=there["mel"],
    )  # fmt: skip
    reference.stop_mel_token = config.gpt.stop_mel_token
    watched(reference, "merge_emovec", gpt, "merge_emovec")
    watched(reference, "get_conditioning", gpt, "get_conditioning")
    watched(reference, "inference_speech", gpt, "inference_speech")
    watched(reference, "second", gpt, "forward")
    for part in ("gpt_layer", "length_regulator"):
        watched(reference, "flow", s2mel.models[part], "forward")
    watched(reference, "flow", s2mel.models["cfm"], "inference")
    watched(reference, "wave", reference.bigvgan, "forward")
    return reference


def s2mel_of(config: Any, nets: dict[str, Any]) -> Any:  # noqa: ANN401 - likewise
    """Return its flow, regulator and projection, the last of which it knows at one width only."""
    s2mel = import_module("indextts.s2mel.modules.commons").MyModel(
        config.s2mel, use_gpt_latent=True
    )
    width = config.gpt.model_dim
    layers = (torch.nn.Linear(width, 256), torch.nn.Linear(256, 128), torch.nn.Linear(128, 1024))
    s2mel.models["gpt_layer"] = torch.nn.Sequential(*layers)
    for name, tensors in nets.items():
        s2mel.models[name].load_state_dict(tensors)
    return s2mel


def vocoder_of(folder: Path) -> Any:  # noqa: ANN401 - likewise
    """Return its vocoder, weight norm folded as it does itself."""
    bigvgan = import_module("indextts.s2mel.modules.bigvgan.bigvgan")
    settings = json.loads((folder / "hf_cache/bigvgan/config.json").read_text("utf-8"))
    net = bigvgan.BigVGAN(import_module("indextts.s2mel.modules.bigvgan.env").AttrDict(settings))
    content = torch.load(folder / "hf_cache/bigvgan/bigvgan_generator.pt")
    net.load_state_dict(content["generator"])
    net.remove_weight_norm()
    return net.eval()


class Tokenizer:
    """Gives the text ids it was told, as one segment."""

    unk_token_id = -1

    def __init__(self, tokens: dict[str, list[int]]) -> None:
        """Take the ids of each text."""
        self._tokens = tokens

    def tokenize(self, text: str) -> list[int]:
        """Return the ids of a text."""
        return self._tokens[text]

    def split_segments(self, tokens: list[int], *_: object, **__: object) -> list[list[int]]:
        """Return all as one segment."""
        return [tokens]

    def convert_tokens_to_ids(self, tokens: list[int]) -> list[int]:
        """Return what they are already."""
        return tokens


def watched(reference: Any, stage: str, owner: Any, name: str) -> None:  # noqa: ANN401 - likewise
    """Have what a method takes counted; what runs inside of decoding is taken off that later."""
    method: Callable[..., Any] = getattr(owner, name)
    state: SimpleNamespace = reference.__dict__.setdefault("within", SimpleNamespace(codes=False))

    def counted(*given: object, **named: object) -> object:
        if stage == "second" and state.codes:
            return method(*given, **named)
        outermost, began = state.codes, time.process_time()
        state.codes = outermost or stage == "inference_speech"
        try:
            return method(*given, **named)
        finally:
            state.codes = outermost
            took = time.process_time() - began
            spent[STAGES[stage]] = spent.get(STAGES[stage], 0.0) + took
            if outermost:
                spent["within"] = spent.get("within", 0.0) + took

    setattr(owner, name, counted)


def events(stream: Stream) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the kind and the content of each event until the client leaves."""
    while line := stream.readline():
        event = json.loads(line)
        content = event.get("data") or {}
        if length := event.get("data_length"):
            content |= json.loads(stream.read(length))
        if length := event.get("payload_length"):
            stream.read(length)
        yield event["type"], content


def write(stream: Stream, kind: str, content: dict[str, Any], payload: bytes = b"") -> None:
    """Send an event."""
    event = {"type": kind, "data": content, "payload_length": len(payload) or None}
    stream.write(json.dumps(event).encode() + b"\n" + payload)
    stream.flush()


def tell(what: object) -> None:
    """Write a line of JSON to whoever started this."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with torch.no_grad():
        main()
