// Blocks as elements: what Reins sends, and a visible placeholder for any other.
// https://docs.slack.dev/reference/block-kit/blocks

import { h } from "./dom.js";
import { element, unknown } from "./elements.js";
import { input } from "./inputs.js";
import { link, plain, tag, textObject } from "./mrkdwn.js";
import { card, plan } from "./plan.js";
import { richText } from "./richtext.js";

// Keys are kind and count: ids may be new each time a message is redrawn, and blocks come and go before others.
export function blocks(list, context = {}) {
  const counts = {};
  return list.map((block) => {
    counts[block.type] = (counts[block.type] ?? -1) + 1;
    const drawn = (DRAWN[block.type] ?? unknown)(block, context);
    drawn.classList.add("ls-block");
    drawn.dataset.key = `${block.type}-${counts[block.type]}`;
    drawn.dataset.kind = block.type;
    return drawn;
  });
}

const DRAWN = {
  section,
  input,
  plan,
  context: (block) => h("div", { class: "ls-context" }, block.elements.map(inContext)),
  divider: () => h("hr"),
  header: (block) => h("h3", { class: "ls-header" }, plain(block.text.text)),
  actions: (block) => h("div", { class: "ls-actions" }, block.elements.map((item) => element(item, block))),
  context_actions: (block) => h("div", { class: "ls-actions" }, block.elements.map((item) => element(item, block))),
  markdown,
  task_card: (block) => h("div", { class: "ls-plan" }, card(block)),
  rich_text: richText,
  image: (block) => h("figure", { class: "ls-image" }, image(block), block.title && h("figcaption", {}, plain(block.title.text))),
  table,
};

function section(block) {
  return h("div", { class: "ls-section" },
    h("div", { class: "ls-section-text" },
      block.text && h("div", { class: "ls-text" }, textObject(block.text)),
      block.fields && h("div", { class: "ls-fields" }, block.fields.map((field) => h("div", { class: "ls-text" }, textObject(field))))),
    block.accessory && h("div", { class: "ls-accessory" }, element(block.accessory, block)));
}

function inContext(item) {
  return item.type === "image" ? h("span", {}, image(item)) : h("span", { class: "ls-text" }, textObject(item));
}

// Images are named, not fetched: nothing outside this machine is asked for anything.
const image = (item) => h("span", { class: "ls-image-name" }, link(item.image_url ?? "", item.alt_text || "image"), " (image, not loaded)");

// The one place where HTML is taken as it is: the server made it from Markdown, with raw HTML off.
function markdown(block) {
  const template = document.createElement("template");
  template.innerHTML = block.html;
  for (const span of template.content.querySelectorAll("span[data-tag]")) {
    span.replaceWith(tag(span.dataset.tag[0], span.dataset.tag.slice(1)));
  }
  const drawn = h("div", { class: "ls-markdown" });
  drawn.append(template.content);
  return drawn;
}

function table(block) {
  const cell = (item) => (item.type === "rich_text" ? richText(item) : String(item.text ?? item.number));
  return h("div", { class: "ls-table ls-markdown", tabindex: "0" },
    h("table", {}, h("tbody", {}, block.rows.map((row) => h("tr", {}, row.map((item) => h("td", {}, cell(item))))))));
}
