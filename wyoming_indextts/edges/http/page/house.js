/** What the server tells of itself: voices, presets, and what is on its stage. */

import { address } from "./addresses.js";

/** Seconds that an answer is waited for. */
const PATIENCE = 10;

/** An error with a code of the server's list, or `network` where no answer came. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The error that an answer which is not ok carries. */
export async function refusal(answer) {
  try {
    const { error } = await answer.json();
    return new Refused(error.code, error.message);
  } catch {
    return new Refused("network", `HTTP ${answer.status}`);
  }
}

/** Voices, presets, the stage and what this browser may do, asked for at once. */
export async function house() {
  const paths = ["voices", "presets", "stage", "me"];
  const [voices, presets, stage, { scopes }] = await Promise.all(paths.map(asked));
  return { voices, presets, stage, scopes };
}

/** What the server answers at `path`. */
export async function asked(path) {
  let answer;
  try {
    answer = await fetch(address(path), { signal: AbortSignal.timeout(PATIENCE * 1000) });
  } catch (error) {
    throw new Refused("network", String(error.message));
  }
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}
