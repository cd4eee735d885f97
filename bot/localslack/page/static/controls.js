// A control of a message or a view was used: which one, what was chosen, and the gesture that makes.

import { on } from "./act.js";
import { confirmed } from "./confirm.js";
import { gesture } from "./link.js";

on("press", (control) => use(control, control.getAttribute("value") ?? control.dataset.value ?? null));
on("option", (control) => use(control.closest("[data-action]"), control.getAttribute("value")));
on("choose", (control) => use(control, control.multiple ? [...control.selectedOptions].map((o) => o.value) : control.value));
on("tick", (control) => {
  const group = control.closest("[data-action]");
  const ticked = [...group.querySelectorAll("input:checked")].map((box) => box.value);
  use(group, control.type === "radio" ? ticked[0] : ticked);
});

async function use(control, value) {
  if (control.dataset.confirm && !(await confirmed(JSON.parse(control.dataset.confirm)))) return;
  control.setAttribute("aria-busy", "true");
  const { action, block } = control.dataset;
  const fields = { action, block: block || null, value };
  const message = control.closest("[data-ts]");
  if (message) await gesture("click", { ...fields, channel: message.dataset.channel, ts: message.dataset.ts });
  else await gesture("click_view", { ...fields, home: control.closest(".ls-home") !== null });
  control.removeAttribute("aria-busy");
}
