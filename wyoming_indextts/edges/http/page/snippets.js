/** How a program asks for what the page would ask for. */

import { address } from "./addresses.js";

/** Ways to call, each a function of text and style that returns code. */
export const SNIPPETS = {
  curl: (text, style) => {
    const fields = entries({ text, ...style, format: "wav" }).map(
      ([name, value]) => ` \\\n  --data-urlencode ${quoted(`${name}=${value}`)}`,
    );
    return `curl --fail --get ${quoted(plain("stream"))}${fields.join("")} -o speech.wav`;
  },

  python: (text, style) => {
    const fields = entries({ text, ...style, format: "wav" }).map(
      ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`,
    );
    return `from urllib.parse import urlencode
from urllib.request import urlretrieve

fields = {
${fields.join("")}}
urlretrieve(${JSON.stringify(`${plain("stream")}?`)} + urlencode(fields), "speech.wav")`;
  },

  javascript: (text, style) => {
    const speak = { type: "speak", id: "u1", text, ...style };
    const socket = plain("ws").replace(/^http/, "ws");
    return `const socket = new WebSocket(${JSON.stringify(socket)});
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send(JSON.stringify(${JSON.stringify(speak, null, 2)}));
socket.onmessage = ({ data }) => console.log(data); // JSON, and 16-bit samples`;
  },

  openai: (text, { voice, emotion, speed }) => {
    const others = [emotion && ["instructions", emotion], speed && ["speed", speed]]
      .filter(Boolean)
      .map(([name, value]) => `\n    ${name}=${JSON.stringify(value)},`);
    return `from openai import OpenAI

client = OpenAI(base_url=${JSON.stringify(plain("v1"))}, api_key="none")
client.audio.speech.create(
    model="wyoming-indextts",
    voice=${JSON.stringify(voice ?? "alloy")},
    input=${JSON.stringify(text)},
    response_format="wav",${others.join("")}
).write_to_file("speech.wav")`;
  },
};

/** The style without what is as it is anyway. */
export function brief(style, stage) {
  return Object.fromEntries(
    Object.entries(style).filter(([name, value]) => value !== stage[name]),
  );
}

function entries(fields) {
  return Object.entries(fields).map(([name, value]) => [name, String(value)]);
}

function plain(path) {
  return String(address(path));
}

/** A word of the shell. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
