// Slack's mrkdwn as elements. https://docs.slack.dev/messaging/formatting-message-text
// Tags are read first, then code, then marks; entities are decoded last and the result is not read again.

import { h } from "./dom.js";
import { emoji, isEmoji } from "./emoji.js";
import { name, store } from "./store.js";

const TAG = /<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>/;
const INLINE = new RegExp(
  [
    TAG.source,
    "`([^`\\n]+)`",
    ":([a-z0-9_+-]+):",
    mark("\\*"),
    mark("_"),
    mark("~"),
    "(\\n)",
  ].join("|"),
);
const FENCE = /```\n?([\s\S]*?)\n?```/;

function mark(sign) {
  return `(?<![\\w${sign}])${sign}(?=\\S)([^\\n]*?\\S)${sign}(?![\\w${sign}])`;
}

export const decoded = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// A text object: {type: "mrkdwn" | "plain_text", text}.
export function textObject(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text);
}

export function plain(text) {
  return String(text ?? "").split(/:([a-z0-9_+-]+):/).map((piece, i) => (i % 2 ? emoji(piece) : decoded(piece)));
}

export function mrkdwn(text) {
  const nodes = [];
  let rest = String(text ?? "");
  for (let fence = FENCE.exec(rest); fence; fence = FENCE.exec(rest)) {
    nodes.push(...lines(rest.slice(0, fence.index).replace(/\n$/, "")), code(fence[1]));
    rest = rest.slice(fence.index + fence[0].length).replace(/^\n/, "");
  }
  return [...nodes, ...lines(rest)];
}

const code = (text) => h("pre", { class: "ls-code", tabindex: "0" }, h("code", {}, decoded(text)));

function lines(text) {
  const nodes = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) nodes.push(h("blockquote", {}, inline(quoted.join("\n"))));
    quoted = [];
  };
  const open = [];
  const pour = () => {
    if (open.length) nodes.push(...inline(open.join("\n")));
    open.length = 0;
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote) {
      pour();
      quoted.push(quote[1]);
    } else {
      flush();
      open.push(line);
    }
  }
  flush();
  pour();
  return nodes;
}

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    nodes.push(decoded(rest.slice(0, found.index)), piece(found));
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(decoded(rest));
  return nodes.filter((node) => node !== "");
}

function piece(found) {
  const [whole, kind, target, label, inCode, named, bold, italic, struck, newline] = found;
  if (target !== undefined) return tag(kind, target, label);
  if (inCode !== undefined) return h("code", {}, decoded(inCode));
  if (named !== undefined) return isEmoji(named) ? emoji(named) : whole;
  if (bold !== undefined) return h("strong", {}, inline(bold));
  if (italic !== undefined) return h("em", {}, inline(italic));
  if (struck !== undefined) return h("s", {}, inline(struck));
  return newline !== undefined ? h("br") : whole;
}

export function tag(kind, target, label) {
  if (kind === "@") return mention(`@${store.users.has(target) ? name(target) : label ?? target}`, target === store.me);
  if (kind === "#") return mention(`#${store.channels.get(target)?.name ?? label ?? target}`, false);
  if (kind === "!") return mention(special(target, label), true);
  return link(decoded(target), decoded(label ?? target));
}

function special(target, label) {
  const date = /^date\^\d+\^/.test(target);
  return date || label ? decoded(label ?? target) : `@${target}`;
}

export const mention = (text, mine) => h("span", { class: mine ? "ls-mention ls-mention-me" : "ls-mention" }, text);

export function link(url, text) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return text;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}
