// The left bar: channels, direct messages, and who one is.

import { h, icon } from "./dom.js";
import { avatar } from "./message.js";
import { children } from "./patch.js";
import { address, place } from "./place.js";
import { unread } from "./read.js";
import { people, store, title } from "./store.js";
import { button as theme } from "./theme.js";

export function sidebar(side) {
  const channels = [...store.channels.values()].filter((channel) => channel.kind !== "im");
  children(side, h("div", {},
    h("div", { class: "ls-team", "data-key": "team" }, h("strong", {}, "Local Slack"), connection()),
    h("div", { class: "ls-lists", "data-key": "lists" },
      h("h2", { id: "ls-channels" }, "Channels"),
      h("ul", { "aria-labelledby": "ls-channels" }, channels.map((channel) => entry(channel, "#"))),
      h("h2", { id: "ls-dms" }, "Direct messages"),
      h("ul", { "aria-labelledby": "ls-dms" }, direct())),
    h("div", { class: "ls-me", "data-key": "me" },
      h("h2", { id: "ls-acting" }, "You are"),
      h("div", { class: "ls-people", role: "group", "aria-labelledby": "ls-acting" }, people().map(person)),
      theme())));
}

function connection() {
  const [look, text] = !store.online ? ["off", "reconnecting…"] : store.app.connected ? ["on", `${store.app.name} is connected`] : ["off", `${store.app.name} is away`];
  return h("span", { class: "ls-connection" }, h("i", { class: `ls-dot ls-dot-${look}` }), text);
}

function entry(channel, sign) {
  const count = unread(channel.id);
  const here = place.channel === channel.id;
  return h("li", { "data-key": channel.id },
    h("a", { href: address(channel.id), class: count && !here ? "ls-unread" : null, "aria-current": here ? "page" : null },
      h("span", { class: "ls-sign", "aria-hidden": "true" }, sign), h("span", { class: "ls-entry" }, title(channel)),
      count > 0 && !here && h("span", { class: "ls-count", "aria-label": `${count} unread` }, String(count))));
}

function direct() {
  const channel = [...store.channels.values()].find((one) => one.kind === "im");
  if (channel) return entry(channel, h("i", { class: `ls-dot ls-dot-${store.app.connected ? "on" : "off"}` }));
  return h("li", { "data-key": "new-dm" }, h("button", { type: "button", "data-act": "dm" },
    h("span", { class: "ls-sign", "aria-hidden": "true" }, h("i", { class: `ls-dot ls-dot-${store.app.connected ? "on" : "off"}` })), store.app.name));
}

function person(user) {
  return h("button", { type: "button", "data-key": user.id, "data-act": "person", value: user.id, "aria-pressed": user.id === store.me ? "true" : "false" },
    avatar(user.id, true), user.name);
}

export const opener = () =>
  h("button", { type: "button", class: "ls-icon-button ls-opener", "data-act": "side", "aria-label": "Channels and people", "aria-controls": "ls-side", "data-key": "opener" }, icon("menu"));
