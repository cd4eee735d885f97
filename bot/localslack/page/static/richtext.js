// `rich_text` blocks. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { link, tag } from "./mrkdwn.js";

export function richText(block) {
  return h("div", { class: "ls-rich" }, (block.elements ?? []).map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return h("p", {}, inner(element));
    case "rich_text_list":
      return h(element.style === "ordered" ? "ol" : "ul", { "data-indent": element.indent ?? 0 },
        (element.elements ?? []).map((item) => h("li", {}, inner(item))));
    case "rich_text_quote":
      return h("blockquote", {}, inner(element));
    case "rich_text_preformatted":
      return h("pre", { class: "ls-code", tabindex: "0" }, h("code", {}, inner(element)));
    default:
      return h("p", {}, JSON.stringify(element));
  }
}

const inner = (element) => (element.elements ?? []).map(leaf);

function leaf(element) {
  switch (element.type) {
    case "text":
      return styled(String(element.text), element.style);
    case "link":
      return styled(link(element.url, element.text ?? element.url), element.style);
    case "emoji":
      return emoji(element.name);
    case "user":
      return tag("@", element.user_id);
    case "channel":
      return tag("#", element.channel_id);
    case "broadcast":
      return tag("!", element.range);
    default:
      return element.text ?? JSON.stringify(element);
  }
}

function styled(content, style = {}) {
  const marks = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]];
  return marks.filter(([on]) => style[on]).reduce((node, [, tagName]) => h(tagName, {}, node), content);
}
