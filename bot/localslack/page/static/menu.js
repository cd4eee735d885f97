// What the composer offers while one types: the app's commands after "/", people after "@".

import { h } from "./dom.js";
import { plainText } from "./elements.js";
import { store } from "./store.js";

// [{insert, label, about, from, to}] for the text before the caret.
export function offers(text, caret, inThread) {
  const before = text.slice(0, caret);
  const command = /^\/([\w-]*)$/.exec(before);
  if (command && !inThread) {
    return store.commands
      .filter((known) => known.command.startsWith(before) && known.command !== before)
      .map((known) => ({ insert: `${known.command} `, label: known.command, about: plainText(known.about), from: 0, to: caret }));
  }
  const mention = /(?:^|[\s(])@([\w.-]*)$/.exec(before);
  if (!mention) return [];
  const wanted = mention[1].toLowerCase();
  return [...store.users.values()]
    .filter((user) => user.name.toLowerCase().startsWith(wanted) && user.id !== store.me)
    .sort((a, b) => Number(b.is_bot) - Number(a.is_bot))
    .map((user) => ({ insert: `@${user.name} `, label: `@${user.name}`, about: user.is_bot ? "app" : user.real_name, from: caret - wanted.length - 1, to: caret }));
}

export function list(id, offered, chosen) {
  return h("ul", { class: "ls-menu", id, role: "listbox", "aria-label": "Suggestions" }, offered.map((offer, i) =>
    h("li", { role: "option", id: `${id}-${i}`, "data-index": i, "aria-selected": i === chosen ? "true" : "false" },
      h("strong", {}, offer.label), " ", h("span", {}, offer.about))));
}
