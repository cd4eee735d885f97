// `input` blocks of modals: a label, a field, what is wrong with it. https://docs.slack.dev/reference/block-kit/blocks/input-block

import { h } from "./dom.js";
import { element } from "./elements.js";
import { plain } from "./mrkdwn.js";

// context: {values, errors} of the view.
export function input(block, { values = {}, errors = {} }) {
  const item = block.element;
  const id = `ls-in-${block.block_id}`;
  const held = Object.values(values[block.block_id] ?? {})[0] ?? {};
  const field = (FIELDS[item.type] ?? chosen)(item, held, block);
  const problem = errors[block.block_id];
  const group = field.matches(".ls-choices");
  field.id = id;
  if (group) field.setAttribute("aria-labelledby", `${id}-label`);
  if (problem) field.setAttribute("aria-invalid", "true");
  const notes = [block.hint && `${id}-hint`, problem && `${id}-error`].filter(Boolean).join(" ");
  if (notes) field.setAttribute("aria-describedby", notes);
  field.removeAttribute("data-act"); // sent with the submission, not on its own
  field.querySelectorAll("[data-act]").forEach((inner) => inner.removeAttribute("data-act"));
  if (!group) field.removeAttribute("aria-label");
  return h("div", { class: "ls-input", "data-input": block.block_id },
    h(group ? "span" : "label", { class: "ls-label", id: `${id}-label`, for: group ? undefined : id },
      plain(block.label.text), block.optional && h("small", {}, " (optional)")),
    field,
    block.hint && h("p", { class: "ls-hint", id: `${id}-hint` }, plain(block.hint.text)),
    problem && h("p", { class: "ls-error", id: `${id}-error` }, problem));
}

const FIELDS = {
  plain_text_input: text,
  number_input: (item, held) => typed(item, held, "number"),
  email_text_input: (item, held) => typed(item, held, "email"),
  url_text_input: (item, held) => typed(item, held, "url"),
};

function text(item, held) {
  if (!item.multiline) return typed(item, held, "text");
  const area = h("textarea", { class: "ls-field", rows: 4, placeholder: item.placeholder?.text, maxlength: item.max_length });
  area.textContent = held.value ?? item.initial_value ?? "";
  return area;
}

function typed(item, held, type) {
  return h("input", { class: "ls-field", type, autocomplete: "off", placeholder: item.placeholder?.text,
    maxlength: item.max_length, value: held.value ?? item.initial_value });
}

// Selects, pickers, checkboxes and radio buttons, holding what was chosen before.
function chosen(item, held, block) {
  return element({ ...item, ...start(held) }, block);
}

function start(held) {
  const names = { selected_option: "initial_option", selected_options: "initial_options", selected_date: "initial_date", selected_time: "initial_time" };
  return Object.fromEntries(Object.entries(names).filter(([from]) => held[from]).map(([from, to]) => [to, held[from]]));
}

// What stands in the inputs of a drawn view, by block id, for `view_submission`.
export function entered(view) {
  const values = [...view.querySelectorAll("[data-input]")].map((block) => [block.dataset.input, value(block)]);
  return Object.fromEntries(values.filter(([, held]) => held !== undefined));
}

function value(block) {
  const boxes = [...block.querySelectorAll("input[type=checkbox]")];
  if (boxes.length) return boxes.filter((box) => box.checked).map((box) => box.value);
  const radios = [...block.querySelectorAll("input[type=radio]")];
  if (radios.length) return radios.find((radio) => radio.checked)?.value;
  const field = block.querySelector("select, textarea, input");
  if (field?.multiple) return [...field.selectedOptions].map((option) => option.value);
  return field?.value || (field?.matches("select") ? undefined : null);
}
