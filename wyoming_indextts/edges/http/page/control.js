/**
 * The page's side of the control protocol, over any carrier of text and binary frames that keeps
 * the order: a WebSocket, or a data channel, which has no binary ones.
 *
 * Binary frames belong to the utterance that started last. What was cancelled here is silent at
 * once, whatever is still on its way.
 */

export class Control {
  #send;
  #tell;
  #wanted = new Set(); // ids that were asked for and have not ended
  #sounding = null;
  #rate = 0;

  /** `send` takes a frame's text, `tell` the events that `line.js` describes. */
  constructor(send, tell) {
    this.#send = send;
    this.#tell = tell;
  }

  /** Samples a second, as the server greeted with; 0 before that. */
  get rate() {
    return this.#rate;
  }

  speak({ id, text, style }) {
    for (const old of this.#wanted) this.#ended({ type: "cancelled", id: old });
    this.#wanted.add(id);
    this.#say({ type: "speak", id, text, replace: true, ...style });
  }

  /** Heard from the next sentence on. */
  style(style) {
    if (this.#wanted.size) this.#say({ type: "style", ...style });
  }

  cancel() {
    if (!this.#wanted.size) return;
    this.#say({ type: "cancel" });
    for (const id of this.#wanted) this.#ended({ type: "cancelled", id });
  }

  /** Tell nothing more of that id. */
  forget(id) {
    this.#wanted.delete(id);
  }

  /** The carrier has gone: nothing that was asked for will be heard. */
  lost() {
    for (const id of this.#wanted) this.#ended({ type: "error", id, code: "network", text: "" });
  }

  /** Take one frame: text, or an ArrayBuffer of samples. */
  receive(frame) {
    if (typeof frame !== "string") {
      if (this.#wanted.has(this.#sounding)) {
        this.#tell({ type: "audio", id: this.#sounding, samples: frame });
      }
      return;
    }
    const message = JSON.parse(frame);
    switch (message.type) {
      case "hello":
        this.#rate = message.rate;
        break;
      case "start":
        this.#sounding = message.id;
        this.#told({ ...message, rate: this.#rate });
        break;
      case "queued":
      case "sentence":
        this.#told(message);
        break;
      case "end":
      case "cancelled":
        if (this.#wanted.has(message.id)) this.#ended(message);
        break;
      case "error":
        if (message.id === undefined) this.#tell(message);
        else if (this.#wanted.has(message.id)) this.#ended(message);
        break;
    }
  }

  #told(event) {
    if (this.#wanted.has(event.id)) this.#tell(event);
  }

  #ended(event) {
    this.#wanted.delete(event.id);
    this.#tell(event);
  }

  #say(message) {
    this.#send(JSON.stringify(message));
  }
}
