/** Puts the page together. */

import { address } from "./addresses.js";
import { Desk } from "./desk.js";
import { find } from "./elements.js";
import { Enrolling } from "./enrolling.js";
import { History } from "./history.js";
import { asked, house } from "./house.js";
import { Line } from "./line.js";
import { Meter } from "./meter.js";
import { Mixer } from "./mixer.js";
import { Player } from "./player.js";
import { keep, kept } from "./preferences.js";
import { Radio } from "./radio.js";
import { SNIPPETS, brief } from "./snippets.js";
import { StreamingTransport } from "./streaming.js";
import { View } from "./view.js";
import { VoiceList } from "./voices.js";
import { WebRtcTransport } from "./webrtc.js";
import { WebSocketTransport } from "./websocket.js";
import { Words } from "./words.js";

const tell = (event) => desk.receive(event);
const lost = () => line.lost();
const line = new Line([
  new WebRtcTransport(tell, lost),
  new WebSocketTransport(tell, lost),
  new StreamingTransport(tell),
]);
const desk = new Desk(line, new Player(), new Radio());
const words = new Words();
const mixer = new Mixer(words);
const voices = new VoiceList(words);
const enrolling = new Enrolling(words);
const view = new View(words, line);
const history = new History(words, (style) => mixer.called(style));
const meter = new Meter(desk, find("wave"), find("level"));
let stage = {};
let scopes = [];

line.onchange = () => view.refresh();
desk.onchange = (utterance) => {
  view.show(utterance);
  if (utterance.state === "speaking") meter.start();
  if (utterance.over && utterance.keep) history.add(utterance);
};
meter.ondraw = () => view.sentence(desk.sentence);
mixer.onchange = (style) => {
  desk.restyle(style);
  showCall();
};
history.onreplay = async (utterance) => {
  await desk.replay(utterance);
  meter.start();
};
history.onreuse = ({ text }) => {
  find("text").value = text;
  find("text").focus();
  showCall();
};

voices.onpreview = preview;
voices.onuse = (name) => {
  mixer.use(name);
  find("voice").focus();
};
voices.onremoved = showVoices;
enrolling.onadded = async ({ name }) => {
  await showVoices();
  mixer.use(name);
};

function speak() {
  const text = find("text").value.trim();
  if (text) desk.speak(text, mixer.style);
  else view.tell("state.empty");
}

function preview(voice) {
  desk.speak(words.say("preview.text"), voice ? { voice } : mixer.style, { keep: false });
}

/** A list that cannot be had stays as it was, and that is said. */
async function showVoices() {
  try {
    const list = await asked("voices");
    mixer.list(list);
    voices.show(list, scopes);
  } catch (error) {
    view.fail(error);
  }
}

/** Whether the machine keeps up is known once its engine is loaded; until then nothing is said. */
async function showLimits() {
  try {
    view.limit((await asked("readyz")).lack);
  } catch {
    // it is not ready
  }
}

function showCall() {
  const text = find("text").value.trim() || words.say("preview.text");
  find("call").textContent = SNIPPETS[find("way").value](text, brief(mixer.style, stage));
}

/** Browsers on plain http have no clipboard but the one of old. */
function copy() {
  const range = document.createRange();
  range.selectNodeContents(find("call"));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  if (document.execCommand("copy")) view.tell("calls.copied");
}

function dress(theme) {
  document.documentElement.dataset.theme = theme;
}

find("speak").addEventListener("click", speak);
find("stop").addEventListener("click", () => desk.stop());
find("preview").addEventListener("click", () => preview());
find("copy").addEventListener("click", copy);
find("text").addEventListener("input", showCall);
find("way").addEventListener("input", showCall);
words.listen(showCall);
addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    desk.stop();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    speak();
  }
});
// Sound may begin only in answer to somebody; the first touch saves the first click's wait.
for (const touch of ["pointerdown", "keydown"]) {
  addEventListener(touch, () => desk.wake(), { once: true });
}

// Whoever comes back to the page, or into the house, is not kept waiting for the next try.
addEventListener("online", () => line.connect());
document.addEventListener("visibilitychange", () => document.hidden || line.connect());

find("language").value = Words.preferred();
find("language").addEventListener("change", ({ target }) => words.choose(target.value));
find("theme").value = kept("theme", "auto");
find("theme").addEventListener("change", ({ target }) => {
  keep("theme", target.value);
  dress(target.value);
});
dress(find("theme").value);
find("transport").value = kept("transport", "auto");
find("transport").addEventListener("change", async ({ target }) => {
  keep("transport", target.value);
  await line.want(target.value);
});

const connected = line.want(find("transport").value);
await words.use(find("language").value);
try {
  const known = await house();
  ({ stage, scopes } = known);
  mixer.show(known);
  voices.show(known.voices, scopes);
  await enrolling.offer(scopes);
  showCall();
  await connected;
  view.tell("state.ready");
  await showLimits();
} catch (error) {
  if (error.code === "unauthorized") location.assign(address("login"));
  view.fail(error);
}
document.documentElement.dataset.ready = "";
