/** Draws what is heard: its wave and its level. */

/** dB at which the level's bar is empty. */
const FLOOR = -60;

/** By which speech is drawn larger than it is; what is loud is bent, not cut. */
const GAIN = 4;

export class Meter {
  #sound;
  #canvas;
  #level;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #samples = new Float32Array(2048);
  #drawn = false;
  /** Called with each picture. */
  ondraw = () => {};

  /** `sound` has the `analyser` of what is heard, and tells whether it is `playing`. */
  constructor(sound, canvas, level) {
    this.#sound = sound;
    this.#canvas = canvas;
    this.#level = level;
  }

  /** Draw for as long as something plays. */
  start() {
    if (this.#drawn) return;
    this.#drawn = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame() {
    const { analyser, playing } = this.#sound;
    analyser?.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, x) => sum + x * x, 0) / this.#samples.length;
    const level = power > 0 ? Math.max(FLOOR, 10 * Math.log10(power)) : FLOOR;
    this.#level.value = Math.round(level - FLOOR);
    this.#wave(this.#calm.matches);
    this.ondraw();
    this.#drawn = playing || level > FLOOR;
    if (this.#drawn) requestAnimationFrame(() => this.#frame());
  }

  #wave(calm) {
    const canvas = this.#canvas;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const scale = devicePixelRatio;
    if (canvas.width !== Math.round(width * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 1.5;
    pen.beginPath();
    const step = this.#samples.length / width;
    for (let x = 0; x < width; x += 1) {
      const value = calm ? 0 : this.#samples[Math.floor(x * step)];
      pen.lineTo(x, (height / 2) * (1 - 0.95 * Math.tanh(GAIN * value)));
    }
    pen.stroke();
  }
}
