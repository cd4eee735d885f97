// Changing one's own message where it stands.

import { on } from "./act.js";
import { gesture } from "./link.js";
import { announce, message, store } from "./store.js";

let open = ""; // "channel ts" of the message being edited

export const edited = (post) => open === `${post.channel} ${post.ts}`;

function begin(channel, ts) {
  open = channel && `${channel} ${ts}`;
  announce(new Set(["place"]));
  const area = document.querySelector(".ls-edit textarea");
  area?.focus();
  area?.setSelectionRange(area.value.length, area.value.length);
}

// Edit the newest message of one's own among these; whether there was one.
export function editLast(posts) {
  const mine = posts.filter((post) => post.user === store.me && !post.deleted).at(-1);
  if (mine) begin(mine.channel, mine.ts);
  return Boolean(mine);
}

function end(control) {
  const { channel, ts } = control.closest("[data-ts]").dataset;
  begin("", "");
  document.querySelector(`.ls-message[data-channel="${channel}"][data-ts="${ts}"] [data-act="edit"]`)?.focus();
}

async function save(control) {
  const item = control.closest("[data-ts]");
  const { channel, ts } = item.dataset;
  const text = item.querySelector(".ls-edit textarea").value.trim();
  const post = message(channel, ts);
  if (text && post && text !== post.source && !(await gesture("edit", { channel, ts, text }))) return;
  end(control);
}

on("edit", (control) => begin(control.closest("[data-ts]").dataset.channel, control.closest("[data-ts]").dataset.ts));
on("edit-cancel", end);
on("edit-save", save);

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.(".ls-edit") || event.isComposing) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    end(event.target);
  } else if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea")) {
    event.preventDefault();
    save(event.target);
  }
}, true);
