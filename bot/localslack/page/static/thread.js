// The right side: one thread, from its first message on.

import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { edited, editLast } from "./edit.js";
import { children } from "./patch.js";
import { place } from "./place.js";
import { markRead } from "./read.js";
import { message, name, store, thread as posts, title } from "./store.js";
import { Timeline } from "./timeline.js";

const status = h("p", { class: "ls-status", "aria-live": "polite" });
const timeline = new Timeline("Messages of the thread");
const composer = new Composer("ls-reply", true, { editLast: () => editLast(posts(place.channel, place.thread)) });
const head = h("header", { class: "ls-head ls-thread-head" });
const parts = [head, timeline.element, status, composer.form];

let wanted = false; // the focus, before the thread's first message has come

export function focusReply() {
  wanted = composer.area.offsetParent === null;
  if (!wanted) composer.area.focus();
}

export function thread(pane) {
  const root = place.thread && message(place.channel, place.thread);
  pane.hidden = !root;
  document.getElementById("ls-app").classList.toggle("ls-with-thread", Boolean(root));
  if (!root) return;
  if (!pane.firstChild) pane.append(...parts);
  const where = store.channels.get(place.channel);
  const shown = posts(place.channel, place.thread);
  const replies = shown.length - 1;
  children(head, h("div", {},
    h("div", { class: "ls-title", "data-key": "title" }, h("h2", {}, "Thread"),
      h("span", {}, `${where.kind === "im" ? title(where) : `# ${where.name}`} · ${replies} ${replies === 1 ? "reply" : "replies"}`)),
    h("button", { type: "button", class: "ls-icon-button", "data-act": "thread-close", "data-key": "close", "aria-label": "Close thread", title: "Close (Escape)" }, icon("cross"))));
  timeline.show(`${store.me} ${where.id} ${root.ts}`, shown, (post) => ({ inThread: true, editing: edited(post) }));
  const line = store.statuses.find((one) => one.channel === where.id && one.thread === root.ts);
  const text = line ? `${name(store.app.user)} ${line.text}` : "";
  if (status.textContent !== text) status.textContent = text;
  composer.aim(where.id, root.ts, "Reply…");
  if (wanted) focusReply();
  markRead(where.id);
}
