/** Makes WAV files of 16-bit samples, marked as synthetic speech unless a person has spoken. */

const COMMENT = "Synthetic speech, made by wyoming-indextts";

/** `pieces` are ArrayBuffers of mono 16-bit samples, a person's where `comment` is null; returns a Blob. */
export function wav(pieces, rate, comment = COMMENT) {
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const info = comment ? chunk("LIST", [ascii("INFO"), ...chunk("ICMT", [even(comment)])]) : [];
  const format = new DataView(new ArrayBuffer(16));
  format.setUint16(0, 1, true);
  format.setUint16(2, 1, true);
  format.setUint32(4, rate, true);
  format.setUint32(8, 2 * rate, true);
  format.setUint16(12, 2, true);
  format.setUint16(14, 16, true);
  const inside = [ascii("WAVE"), ...chunk("fmt ", [format]), ...info, ascii("data"), number(size)];
  const before = inside.reduce((sum, part) => sum + part.byteLength, 0);
  return new Blob([ascii("RIFF"), number(before + size), ...inside, ...pieces], {
    type: "audio/wav",
  });
}

function chunk(name, parts) {
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return [ascii(name), number(size), ...parts];
}

/** The bytes of a text with an end, of an even number. */
function even(text) {
  return ascii(text.padEnd(text.length + 2 - (text.length % 2), "\0"));
}

function ascii(text) {
  return new TextEncoder().encode(text);
}

function number(value) {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view;
}
