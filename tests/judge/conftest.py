from dataclasses import dataclass
import pytest, wave
from tests.judge.recogniser import Language, Recogniser
from tests.judge.verdict import Judge
from wyoming_indextts.speech.audio import Pcm

@dataclass(frozen=True, slots=True)
class Sample:
    words: str
    language: Language
    sound: Pcm
    spoken_again: Pcm

@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge(Recogniser())

def rd(f):
    import numpy as np; w=wave.open(f); return Pcm((np.frombuffer(w.readframes(w.getnframes()),"<i2")*.7).astype("<i2").tobytes(),24000)

@pytest.fixture(scope="session", params=["en", "zh"])
def sample(request) -> Sample:
    s=rd(f"/tmp/judge/jm_kumo_{request.param}_1.wav")
    return Sample({"en":"The washing machine has finished, please take out the laundry.","zh":"洗衣机已经洗完了，请把衣服拿出来。"}[request.param],request.param,s,s)
