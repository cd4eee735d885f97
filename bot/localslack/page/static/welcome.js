// What a newcomer is told and can try: in full in an empty channel, as a row above the composer afterwards.

import { h } from "./dom.js";
import { store } from "./store.js";

export function welcome(channel) {
  return h("section", { class: "ls-welcome", "data-key": "welcome", "aria-labelledby": "ls-welcome" },
    h("h2", { id: "ls-welcome" }, channel.kind === "im" ? `Talk to ${store.app.name}` : `This is #${channel.name}`),
    store.welcome.note && h("p", {}, store.welcome.note),
    channel.has_app && h("p", {}, "Press one of these, or write ", h("strong", {}, channel.kind === "im" ? "a message" : `@${store.app.name} …`), " yourself. The answer comes as a thread."),
    channel.has_app && h("div", { class: "ls-stories" }, store.welcome.suggestions.map((one, i) =>
      h("button", { type: "button", "data-act": "suggest", value: i }, h("strong", {}, one.title), h("span", {}, one.about)))));
}

export function tries(channel) {
  if (!channel.has_app || !store.welcome.suggestions.length) return null;
  return h("div", { class: "ls-tries", role: "group", "aria-label": "Things to try" },
    h("span", {}, "Try"), store.welcome.suggestions.map((one, i) =>
      h("button", { type: "button", class: "ls-chip", "data-act": "suggest", value: i, title: one.about }, one.title)));
}
