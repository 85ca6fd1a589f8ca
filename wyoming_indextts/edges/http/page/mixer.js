/** The style that is asked for: voice, emotion by a preset or by eight sliders, speed and volume. */

import { find, make } from "./elements.js";
import { AXES, CAP, sumOf } from "./emotion.js";

/** Stands for one's own mix among the presets' names, none of which is a space. */
const MIX = " ";

export class Mixer {
  /** Called with the style after each change by the user. */
  onchange = () => {};
  #words;
  #presets = [];
  #emotion = ""; // a preset's name, MIX, or "" for the voice's own
  #scales;

  constructor(words) {
    this.#words = words;
    this.#scales = AXES.map((axis) => this.#slider(axis));
    for (const id of ["voice", "speed", "volume", "intensity"]) {
      find(id).addEventListener("input", () => this.#changed());
    }
    words.listen(() => this.#render());
  }

  /** Show what the house has, and begin with what is on its stage. */
  show({ voices, presets, stage }) {
    this.#presets = presets;
    this.list(voices);
    find("voice").value = stage.voice ?? "";
    find("speed").value = stage.speed;
    find("volume").value = stage.volume;
    find("intensity").value = stage.intensity;
    const names = ["", ...presets.map(({ name }) => name), MIX];
    find("presets").replaceChildren(...names.map((name) => this.#radio(name)));
    this.#choose(stage.emotion ?? "");
  }

  /** Offer these voices; the one that is chosen stays so if it is among them. */
  list(voices) {
    const chosen = find("voice").value;
    const [first] = find("voice").options;
    const options = voices.map(({ name, description }) =>
      make("option", { value: name, textContent: labelled(name, description) }),
    );
    find("voice").replaceChildren(first, ...options);
    find("voice").value = voices.some(({ name }) => name === chosen) ? chosen : "";
  }

  /** Choose a voice. */
  use(name) {
    find("voice").value = name;
    this.#changed();
  }

  /** The fields of the style, as every way to speak takes them. */
  get style() {
    const style = {};
    if (find("voice").value) style.voice = find("voice").value;
    if (this.#emotion === MIX) style.weights = this.#weights();
    else if (this.#emotion) style.emotion = this.#emotion;
    for (const id of ["intensity", "speed", "volume"]) style[id] = Number(find(id).value);
    return style;
  }

  /** What the emotion of a style is called; nothing where none was asked for. */
  called({ emotion, weights }) {
    return emotion ? this.#named(emotion) : weights && this.#named(MIX);
  }

  #slider(axis) {
    const scale = make("input", { id: axis, type: "range", min: 0, max: 1, step: 0.05, value: 0 });
    scale.setAttribute("aria-describedby", "sum");
    scale.addEventListener("input", () => {
      this.#mark(MIX);
      this.#changed();
    });
    const label = make("label", { htmlFor: axis, dataset: { word: `axis.${axis}` } });
    const output = make("output", { id: `${axis}-value`, htmlFor: axis });
    find("axes").append(make("div", { className: "scale" }, label, scale, output));
    return scale;
  }

  #radio(name) {
    const radio = make("input", { type: "radio", name: "emotion", value: name });
    radio.addEventListener("change", () => {
      this.#choose(name);
      this.#changed();
    });
    return make("label", { className: "chip" }, radio, make("span", { dataset: { preset: name } }));
  }

  #choose(name) {
    this.#mark(name);
    const preset = this.#presets.find((one) => one.name === name);
    if (name !== MIX) {
      this.#scales.forEach((scale, axis) => {
        scale.value = preset?.weights[axis] ?? 0;
      });
    }
    this.#render();
  }

  #mark(name) {
    this.#emotion = name;
    for (const radio of find("presets").querySelectorAll("input")) {
      radio.checked = radio.value === name;
    }
  }

  #weights() {
    return this.#scales.map((scale) => Number(scale.value));
  }

  #changed() {
    this.#render();
    this.onchange(this.style);
  }

  #render() {
    for (const id of [...AXES, "intensity", "speed", "volume"]) {
      find(`${id}-value`).textContent = Number(find(id).value).toFixed(2);
    }
    for (const span of find("presets").querySelectorAll("[data-preset]")) {
      span.textContent = this.#named(span.dataset.preset);
    }
    const sum = sumOf(this.#weights(), Number(find("intensity").value));
    const over = sum > CAP + 1e-9;
    const values = { sum: sum.toFixed(2), limit: CAP.toFixed(1) };
    find("sum").textContent = this.#words.say(over ? "emotion.over" : "emotion.sum", values);
    find("sum").classList.toggle("over", over);
  }

  #named(name) {
    if (name === "") return this.#words.say("emotion.own");
    if (name === MIX) return this.#words.say("emotion.mix");
    const preset = this.#presets.find((one) => one.name === name);
    return preset[this.#words.language];
  }
}

function labelled(name, description) {
  const named = description.toLowerCase().startsWith(name.toLowerCase());
  return named ? description : `${name} · ${description}`;
}
