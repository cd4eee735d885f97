// A sentence that goes away by itself.

import { h } from "./dom.js";

const SHOWN_MS = 8000;

export function toast(text) {
  const element = h("p", { class: "ls-toast" }, text);
  document.getElementById("ls-toasts").append(element);
  setTimeout(() => element.remove(), SHOWN_MS);
}
