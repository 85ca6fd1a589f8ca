/** Where the server's answers are, relative to the page: it works below any path a proxy gives it. */

/** The address of `path` with the fields of `query` that are not undefined. */
export function address(path, query = {}) {
  const url = new URL(path, document.baseURI);
  url.search = "";
  url.hash = "";
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** The address of the WebSocket beside the page. */
export function socketAddress() {
  const url = address("ws");
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}
