// What is wrong with how the page looks now: text of little contrast, and what does not fit.
(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`the page is ${root.scrollWidth} px wide`);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (!box.width || !element.checkVisibility()) continue;
    const name = element.tagName + (element.id ? `#${element.id}` : "");
    if (box.right > root.clientWidth + 1 || box.left < -1) wrong.push(`${name} sticks out`);
    const parts = [];
    const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const writes = element.matches("textarea, select, output");
    if (text || writes) parts.push(getComputedStyle(element));
    if (element.placeholder) parts.push(getComputedStyle(element, "::placeholder"));
    for (const style of parts) {
      const found = contrast(rgb(style.color), ground(element));
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (found < (large ? 3 : 4.5)) wrong.push(`${name}: contrast ${found.toFixed(2)}`);
    }
  }
  return wrong;

  function rgb(text) {
    const numbers = text.match(/[\d.]+/g).map(Number);
    return { channels: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
  }
  function ground(element) {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.alpha === 1) return colour;
    }
    throw new Error("nothing is behind it");
  }
  function contrast(a, b) {
    const [low, high] = [a, b].map(light).sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  }
  function light({ channels }) {
    const [r, g, b] = channels
      .map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
})();
