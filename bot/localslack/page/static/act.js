// One listener for all that can be pressed or chosen: what is drawn names its act, and drawing anew loses nothing.

import { acting } from "./dom.js";

const handlers = new Map();

export const on = (act, handler) => handlers.set(act, handler);

export function listen() {
  document.addEventListener("click", (event) => {
    const control = acting(event);
    closeMenus(event.target);
    if (control && !control.matches("select, input")) handlers.get(control.dataset.act)?.(control, event);
  });
  document.addEventListener("change", (event) => {
    const control = acting(event);
    if (control?.matches("select, input")) handlers.get(control.dataset.act)?.(control, event);
  });
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.ls-overflow[open]")) {
    if (!menu.contains(target) || target.closest?.(".ls-overflow-menu")) menu.open = false;
  }
}
