/** The eight weights: their order, and what bias and cap make of them (speech/emotion.py's numbers). */

export const AXES = [
  "happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm",
];

export const BIAS = [0.9375, 0.875, 1, 1, 0.9375, 0.9375, 0.6875, 0.5625];

/** Where the sum of the weights, biased and at their intensity, is more, all are scaled down. */
export const CAP = 0.8;

/** The sum that CAP is held against. */
export function sumOf(weights, intensity) {
  return weights.reduce((sum, weight, axis) => sum + weight * BIAS[axis] * intensity, 0);
}
