// The app's Home tab.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { store } from "./store.js";

export function home() {
  const view = store.home;
  return h("div", { class: "ls-home ls-scroll", tabindex: "0", role: "region", "aria-label": "Home", "data-key": "home" },
    view ? blocks(view.content.blocks, view) : h("p", { class: "ls-hint" }, `${store.app.name} has not published a Home for you yet.`));
}
