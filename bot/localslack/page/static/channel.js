// The middle: a channel's head, its messages, and where one writes to it.

import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { edited, editLast } from "./edit.js";
import { home } from "./home.js";
import { children } from "./patch.js";
import { address, place } from "./place.js";
import { markRead } from "./read.js";
import { opener } from "./sidebar.js";
import { all, isReply, name, store, title, top } from "./store.js";
import { Timeline } from "./timeline.js";
import { tries, welcome } from "./welcome.js";

const greeting = h("div", { class: "ls-greeting" });
const timeline = new Timeline("Messages", greeting);
const above = h("div", { class: "ls-above" });
const composer = new Composer("ls-composer", false, { editLast: () => editLast(top(place.channel)) });
const talk = h("div", { class: "ls-talk" }, timeline.element, above, composer.form);

export const focusComposer = () => composer.area.focus();

export function channel(head, pane) {
  const here = store.channels.get(place.channel);
  if (!here) return;
  children(head, h("div", {}, opener(), heading(here), tabs(here), top(here.id).length > 0 && note()));
  if (place.home) {
    talk.remove();
    children(pane, h("div", {}, home()));
    return;
  }
  if (talk.parentNode !== pane) pane.replaceChildren(talk);
  messages(here);
  const label = here.kind === "im" ? `Message ${title(here)}` : `Message #${here.name}`;
  composer.aim(here.id, "", label);
  markRead(here.id);
}

function heading(here) {
  const people = here.members.filter((id) => id !== store.app.user).map(name);
  const who = here.kind === "im" ? "direct message" : `${people.join(", ")}${here.has_app ? ` and ${store.app.name}` : ""}`;
  return h("div", { class: "ls-title", "data-key": "title" }, h("h1", {}, here.kind === "im" ? title(here) : `# ${here.name}`), h("span", {}, who));
}

function tabs(here) {
  if (here.kind !== "im" || (!store.app.home_tab && !store.home)) return null;
  const tab = (label, where, on) => h("a", { href: where, "aria-current": on ? "page" : null }, label);
  return h("nav", { class: "ls-tabs", "data-key": "tabs", "aria-label": "Views of this app" },
    tab("Messages", address(here.id), !place.home), tab("Home", address(here.id, "home"), place.home));
}

const note = () => store.welcome.note && h("p", { class: "ls-note", "data-key": "note" }, store.welcome.note);

function messages(here) {
  const posts = top(here.id);
  const threads = Map.groupBy(all(here.id).filter((post) => isReply(post) && !post.ephemeral && !post.deleted), (post) => post.thread);
  const fresh = posts.length === 0;
  children(greeting, h("div", {}, fresh && welcome(here)));
  children(above, h("div", {}, !fresh && tries(here)));
  timeline.show(`${store.me} ${here.id}`, posts, (post) => ({
    replies: summary(threads.get(post.ts)),
    editing: edited(post),
    open: place.thread === post.ts,
  }));
}

function summary(replies) {
  if (!replies) return null;
  return { count: replies.length, last: replies.at(-1).ts, users: [...new Set(replies.map((post) => post.user))] };
}
