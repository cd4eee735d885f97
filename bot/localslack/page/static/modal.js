// The modal in front of the person, if there is one. The browser's own dialog keeps focus inside it.

import { on } from "./act.js";
import { blocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { entered } from "./inputs.js";
import { gesture } from "./link.js";
import { plain } from "./mrkdwn.js";
import { patch } from "./patch.js";
import { store } from "./store.js";

let dialog = null;
let before = null; // what had the focus

export function modal() {
  const view = store.views.at(-1);
  if (!view) return close();
  if (dialog?.dataset.view === view.id) {
    patch(dialog.firstChild, draw(view));
    dialog.querySelector("[aria-invalid=true]")?.focus();
    return undefined;
  }
  before ??= document.activeElement;
  dialog?.remove();
  dialog = h("dialog", { class: "ls-dialog ls-modal", "aria-labelledby": "ls-modal-title", "data-view": view.id }, draw(view));
  dialog.addEventListener("cancel", (event) => (event.preventDefault(), gesture("close", {})));
  dialog.addEventListener("submit", (event) => (event.preventDefault(), submit()));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[data-input] :is(input, textarea, select), .ls-button-primary")?.focus();
  return undefined;
}

function close() {
  if (!dialog) return;
  dialog.remove();
  dialog = null;
  if (before?.isConnected) before.focus();
  before = null;
}

function draw(view) {
  const { content } = view;
  return h("form", { novalidate: true },
    h("header", {}, h("h2", { id: "ls-modal-title" }, plain(content.title.text)),
      h("button", { type: "button", class: "ls-icon-button", "data-act": "modal-close-all", "aria-label": "Close" }, icon("cross"))),
    h("div", { class: "ls-modal-body", tabindex: "0", role: "group", "aria-label": "Content" }, blocks(content.blocks, view)),
    h("footer", {},
      h("button", { type: "button", class: "ls-button", "data-act": "modal-close" }, plain(content.close?.text ?? "Cancel")),
      content.submit && h("button", { type: "submit", class: "ls-button ls-button-primary" }, plain(content.submit.text))));
}

const submit = () => gesture("submit", { values: entered(dialog) });

on("modal-close", () => gesture("close", {}));
on("modal-close-all", () => gesture("close", { all: true }));
