// One message.

import { blocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { file } from "./files.js";
import { mrkdwn } from "./mrkdwn.js";
import { name, store } from "./store.js";

const OFFERED = ["x", "white_check_mark"];

export const at = (ts) => new Date(Number.parseFloat(ts) * 1000);
export const clock = (ts) => at(ts).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const full = (ts) => at(ts).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });

export function day(ts) {
  const date = at(ts);
  return date.toDateString() === new Date().toDateString()
    ? "Today"
    : date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

// look: {compact, day, replies, inThread, editing}; replies is {count, last, users} of a thread's root in its channel.
export function message(post, look) {
  return h("li", { class: classes(post, look), "data-key": post.ts, "data-ts": post.ts, "data-channel": post.channel },
    look.day && h("div", { class: "ls-day" }, h("span", {}, look.day)),
    h("div", { class: "ls-row" },
      h("div", { class: "ls-gutter" }, look.compact ? time(post, "ls-late-time") : avatar(post.user)),
      h("div", { class: "ls-body" },
        post.ephemeral && h("p", { class: "ls-only-you" }, "Only visible to you"),
        !look.compact && h("div", { class: "ls-by" }, author(post.user), time(post, "ls-time")),
        look.editing ? editor(post) : content(post),
        post.files.length > 0 && h("div", { class: "ls-files" }, post.files.map(file)),
        reactions(post),
        look.replies && replies(post, look.replies)),
      !post.deleted && !post.ephemeral && !look.editing && tools(post, look)));
}

function classes(post, look) {
  const marks = [["ls-compact", look.compact], ["ls-ephemeral", post.ephemeral], ["ls-deleted", post.deleted], ["ls-open", look.open]];
  return ["ls-message", ...marks.filter(([, on]) => on).map(([mark]) => mark)].join(" ");
}

export function avatar(id, small = false) {
  const user = store.users.get(id);
  const hue = [...(user?.id ?? id)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  const look = `ls-avatar ls-hue-${user?.is_bot ? "app" : hue}${small ? " ls-avatar-small" : ""}`;
  return h("span", { class: look, "aria-hidden": "true" }, (user?.name ?? "?").slice(0, 1).toUpperCase());
}

const author = (id) => [
  h("span", { class: "ls-author" }, name(id)),
  store.users.get(id)?.is_bot && h("span", { class: "ls-tag" }, "APP"),
];

const time = (post, look) => h("time", { class: look, title: full(post.ts), datetime: at(post.ts).toISOString() }, clock(post.ts));

function content(post) {
  if (post.deleted) return h("div", { class: "ls-content ls-gone" }, "This message was deleted.");
  const shown = post.blocks.length ? blocks(post.blocks) : post.text ? h("div", { class: "ls-text" }, mrkdwn(post.text)) : null;
  return h("div", { class: "ls-content", "data-key": "content" }, shown, post.edited && h("span", { class: "ls-edited" }, "(edited)"));
}

function editor(post) {
  return h("form", { class: "ls-edit", "data-key": "edit" },
    h("textarea", { class: "ls-field", rows: 2, "aria-label": "Edit your message" }, post.source),
    h("footer", {},
      h("button", { type: "button", class: "ls-button", "data-act": "edit-cancel" }, "Cancel"),
      h("button", { type: "button", class: "ls-button ls-button-primary", "data-act": "edit-save" }, "Save")));
}

function reactions(post) {
  if (!post.reactions.length) return null;
  return h("div", { class: "ls-reactions" }, post.reactions.map(({ name: reaction, users }) => {
    const who = users.map(name).join(", ");
    return h("button", { type: "button", class: "ls-reaction", "data-key": reaction, "data-act": "react", value: reaction, title: who,
      "aria-pressed": users.includes(store.me), "aria-label": `${reaction.replaceAll("_", " ")}, by ${who}` }, emoji(reaction), String(users.length));
  }));
}

function replies(post, { count, last, users }) {
  const label = count === 1 ? "1 reply" : `${count} replies`;
  return h("button", { type: "button", class: "ls-replies", "data-act": "thread" },
    h("span", { class: "ls-replies-who" }, users.slice(0, 3).map((id) => avatar(id, true))),
    h("strong", {}, label), h("span", { class: "ls-replies-last" }, `Last reply at ${clock(last)}`));
}

function tools(post, look) {
  const mine = post.user === store.me;
  const tool = (act, label, shape, value) =>
    h("button", { type: "button", class: "ls-icon-button", "data-act": act, value, title: label, "aria-label": label }, shape);
  return h("div", { class: "ls-tools", role: "group", "aria-label": "Message actions" },
    OFFERED.map((reaction) => tool("react", `React with ${reaction.replaceAll("_", " ")}`, emoji(reaction), reaction)),
    !look.inThread && tool("thread", "Reply in thread", icon("reply")),
    mine && tool("edit", "Edit message", icon("pencil")),
    mine && tool("delete", "Delete message", icon("bin")));
}
