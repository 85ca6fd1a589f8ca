// Shows openapi.json for people to read. Everything goes in as text: nothing is parsed as markup.

const DEEPEST = 6; // schemas in schemas that are shown

/** @param {string} name @param {object} [how] @param {...(Node|string)} inside */
function make(name, how = {}, ...inside) {
  const element = Object.assign(document.createElement(name), how);
  element.append(...inside);
  return element;
}

const code = (text) => make("code", {}, text);

/** Return what a reference leads to in the document, or the thing itself. */
function resolved(document_, thing) {
  if (!thing || !thing.$ref) return thing || {};
  const found = thing.$ref.slice(2).split("/").reduce((part, name) => part[name], document_);
  return resolved(document_, found);
}

const typeOf = (schema) => [schema.type].flat().filter(Boolean).join(" or ");

/** Return in a few words what a value may be. */
function limits(schema) {
  const told = [];
  if (schema.enum) told.push(schema.enum.map((value) => JSON.stringify(value)).join(", "));
  if ("const" in schema) told.push(JSON.stringify(schema.const));
  if ("default" in schema) told.push(`default ${JSON.stringify(schema.default)}`);
  if ("minimum" in schema || "maximum" in schema) told.push(`${schema.minimum ?? ""} to ${schema.maximum ?? ""}`);
  if (schema.maxLength) told.push(`at most ${schema.maxLength} characters`);
  if (schema.format) told.push(schema.format);
  if (schema.pattern) told.push(schema.pattern);
  return told.join("; ");
}

/** Return a schema as terms and what they mean. */
function shape(document_, given, depth = 0) {
  const schema = resolved(document_, given);
  const several = schema.anyOf || schema.oneOf;
  if (several) return make("div", {}, ...several.flatMap((one) => [shape(document_, one, depth), " "]));
  const kind = [typeOf(schema), limits(schema)].filter(Boolean).join(", ");
  const list = make("dl");
  if (depth < DEEPEST && schema.properties) {
    for (const [name, property] of Object.entries(schema.properties)) {
      const needed = (schema.required || []).includes(name) ? "" : " (may be left out)";
      const inner = resolved(document_, property);
      list.append(
        make("dt", {}, code(name), make("span", { className: "quiet" }, needed)),
        make("dd", {}, inner.description || "", " ", shape(document_, property, depth + 1)),
      );
    }
    return list;
  }
  if (depth < DEEPEST && schema.items) {
    return make("div", {}, make("span", { className: "quiet" }, `${kind || "array"} of `), shape(document_, schema.items, depth + 1));
  }
  return make("span", { className: "quiet" }, kind);
}

function contents(document_, carried) {
  return Object.entries(carried || {}).map(([kind, { schema }]) =>
    make("div", {}, code(kind), " ", schema ? shape(document_, schema) : ""));
}

function operation(document_, path, method, told, shared) {
  const body = make("div");
  if (told.description) body.append(make("p", {}, told.description));
  const parameters = [...(shared || []), ...(told.parameters || [])].map((one) => resolved(document_, one));
  if (parameters.length) {
    const list = make("dl");
    for (const one of parameters) {
      const where = `${one.in}${one.required ? ", required" : ""}`;
      list.append(
        make("dt", {}, code(one.name), make("span", { className: "quiet" }, ` in the ${where}`)),
        make("dd", {}, one.description || "", " ", shape(document_, one.schema)),
      );
    }
    body.append(make("h3", {}, "Parameters"), list);
  }
  if (told.requestBody) {
    body.append(make("h3", {}, "Body"), ...contents(document_, resolved(document_, told.requestBody).content));
  }
  const answers = make("dl");
  for (const [status, given] of Object.entries(told.responses)) {
    const answer = resolved(document_, given);
    const isError = (given.$ref || "").includes("/responses/");
    answers.append(
      make("dt", {}, code(status), " ", answer.description),
      make("dd", {}, ...(isError ? [] : contents(document_, answer.content))),
    );
  }
  body.append(make("h3", {}, "Answers"), answers);
  const open = told.security && !told.security.length;
  return make("details", { id: told.operationId }, make("summary", {},
    make("span", { className: "method" }, method.toUpperCase()), code(path), ` ${told.summary} `,
    make("span", { className: "scope" }, open ? "open" : told["x-scope"] || "")), body);
}

function show(document_) {
  const { info, tags, paths } = document_;
  const about = document.querySelector("#about");
  document.querySelector("#title").textContent = `${info.title}: HTTP`;
  about.textContent = `${info.summary} ${info.description} `;
  about.append(make("a", { href: "openapi.json" }, "openapi.json"));
  for (const tag of tags) {
    const section = make("section", { id: `tag-${tag.name}` }, make("h2", {}, tag.name, make("span", { className: "quiet" }, ` ${tag.description}`)));
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, told] of Object.entries(item)) {
        if (told.tags?.includes(tag.name)) section.append(operation(document_, path, method, told, item.parameters));
      }
    }
    document.querySelector("#operations").append(section);
    document.querySelector("#contents").append(make("a", { href: `#tag-${tag.name}` }, tag.name));
  }
}

try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  show(await answer.json());
} catch (error) {
  document.querySelector("#about").textContent = `The description cannot be read: ${error.message}`;
}
