// Where one is: a channel, perhaps a thread in it, perhaps the app's Home. It stands in the address, so that Back works.

import { announce, store } from "./store.js";

export const place = { channel: "", thread: "", home: false };

export const address = (channel, thread = "") => `#/${channel}${thread ? `/${thread}` : ""}`;

export function go(channel, thread = "") {
  location.hash = address(channel, thread);
  read(); // at once; `hashchange` comes later and finds nothing new
}

export const goHome = (channel) => go(channel, "home");

export function read() {
  const [, channel = "", second = ""] = location.hash.split("/");
  const known = store.channels.has(channel);
  place.channel = known ? channel : (store.channels.keys().next().value ?? "");
  place.home = known && second === "home";
  place.thread = known && !place.home ? second : "";
  announce(new Set(["place"]));
}
