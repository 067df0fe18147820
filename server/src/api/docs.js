// Shows openapi.json, which lies beside it.
const element = (name, content = "", ...children) => {
  const made = document.createElement(name);
  made.textContent = content;
  made.append(...children);
  return made;
};
const document_ = await (await fetch("openapi.json")).json();
const resolve = (schema) => schema?.$ref ? document_.components.schemas[schema.$ref.split("/").pop()] : schema;
// What a schema looks like, references opened.
const shape = (given, depth = 0) => {
  const schema = resolve(given) ?? {};
  const one = schema.oneOf ?? schema.anyOf;
  if (one) return shape(one.find((part) => part.type !== "null"), depth);
  if (schema.properties && depth < 4)
    return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, shape(part, depth + 1)]));
  if (schema.items) return [shape(schema.items, depth + 1)];
  return schema.example ?? schema.format ?? [schema.type].flat().filter((type) => type !== "null").join(" or ");
};
const bodies = (content = {}) => Object.entries(content).map(([type, { schema }]) =>
  element("div", "", element("code", type), element("pre", JSON.stringify(shape(schema), null, 2))));
const operation = (path, verb, { summary, description, parameters = [], requestBody, responses }) => {
  const details = element("details", "", element("summary", "", element("b", verb.toUpperCase()), element("code", path), ` ${summary ?? ""}`));
  if (description) details.append(element("p", description));
  if (parameters.length) {
    const rows = parameters.map(({ name, in: place, description }) =>
      element("tr", "", element("td", "", element("code", name)), element("td", place), element("td", description ?? "")));
    details.append(element("h3", "Parameters"), element("table", "", ...rows));
  }
  if (requestBody) details.append(element("h3", "Body"), ...bodies(requestBody.content));
  details.append(element("h3", "Answers"));
  for (const [status, { description, content }] of Object.entries(responses))
    details.append(element("p", `${status}: ${description}`), ...bodies(content));
  return details;
};
const operations = Object.entries(document_.paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, described]) => operation(path, verb, described)));
document.getElementById("api").replaceChildren(element("p", document_.info.description), ...operations);
