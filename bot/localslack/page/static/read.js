// What this person has read, kept in this browser for this run of the local Slack.

import { all, store } from "./store.js";

const key = (channel) => `ls-read ${store.run} ${store.me} ${channel}`;

export function unread(channel) {
  const seen = localStorage.getItem(key(channel)) ?? "";
  return all(channel).filter((message) => message.ts > seen && message.user !== store.me && !message.deleted).length;
}

export function markRead(channel) {
  const last = all(channel).at(-1)?.ts;
  if (last && document.visibilityState === "visible") localStorage.setItem(key(channel), last);
}

export function forgetOtherRuns() {
  const old = Object.keys(localStorage).filter((name) => name.startsWith("ls-read ") && name.split(" ")[1] !== store.run);
  old.forEach((name) => localStorage.removeItem(name));
}
