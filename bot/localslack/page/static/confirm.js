// "Are you sure?", in the app's words. https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object

import { h } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

export function confirmed(question) {
  const style = question.style === "danger" ? "ls-button-danger" : "ls-button-primary";
  const dialog = h("dialog", { class: "ls-dialog ls-confirm", "aria-labelledby": "ls-confirm-title" },
    h("form", { method: "dialog" },
      h("h2", { id: "ls-confirm-title" }, plain(question.title?.text ?? "Are you sure?")),
      h("div", { class: "ls-text" }, textObject(question.text)),
      h("footer", {},
        h("button", { class: "ls-button", value: "no" }, plain(question.deny?.text ?? "Cancel")),
        h("button", { class: `ls-button ${style}`, value: "yes", autofocus: true }, plain(question.confirm?.text ?? "Yes")))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
