// Interactive elements of messages and views. Every control says what it does in data-act; one listener acts (act.js).

import { h, icon } from "./dom.js";
import { link, plain } from "./mrkdwn.js";
import { people, store, title } from "./store.js";

export function element(item, block) {
  const drawn = (DRAWN[item.type] ?? unknown)(item);
  if (item.action_id) {
    drawn.dataset.key ??= `${item.action_id} ${item.value ?? ""}`;
    drawn.dataset.action = item.action_id;
    drawn.dataset.block = block.block_id ?? "";
    if (item.confirm) drawn.dataset.confirm = JSON.stringify(item.confirm);
  }
  return drawn;
}

const DRAWN = {
  button,
  workflow_button: button,
  overflow,
  static_select: (item) => select(item, options(item)),
  multi_static_select: (item) => select(item, options(item), true),
  external_select: (item) => select(item, []),
  users_select: (item) => select(item, people().map((user) => ({ value: user.id, text: user.name }))),
  conversations_select: (item) => select(item, channelOptions()),
  channels_select: (item) => select(item, channelOptions()),
  datepicker: (item) => picker(item, "date", item.initial_date),
  timepicker: (item) => picker(item, "time", item.initial_time),
  radio_buttons: (item) => choices(item, "radio", [item.initial_option]),
  checkboxes: (item) => choices(item, "checkbox", item.initial_options ?? []),
  feedback_buttons: feedback,
  icon_button: (item) => h("button", { type: "button", class: "ls-button", "data-act": "press", value: item.value }, plain(item.text?.text)),
  image: (item) => link(item.image_url ?? "", `${item.alt_text || "image"} (image)`),
};

function button(item) {
  const look = `ls-button${item.style ? ` ls-button-${item.style}` : ""}`;
  const label = { class: look, "data-act": "press", value: item.value, "aria-label": item.accessibility_label };
  if (item.url && /^https?:\/\//i.test(item.url)) {
    const { value, ...rest } = label;
    return h("a", { ...rest, href: item.url, target: "_blank", rel: "noopener noreferrer", "data-value": value }, plain(item.text.text));
  }
  return h("button", { type: "button", ...label }, plain(item.text.text));
}

function overflow(item) {
  return h("details", { class: "ls-overflow" },
    h("summary", { class: "ls-icon-button", "aria-label": "More actions" }, icon("dots")),
    h("div", { class: "ls-overflow-menu" },
      item.options.map((option) => h("button", { type: "button", "data-act": "option", value: option.value }, plain(option.text.text)))));
}

export function options(item) {
  const grouped = (item.option_groups ?? []).flatMap((group) => group.options);
  return [...(item.options ?? []), ...grouped].map((option) => ({ value: option.value, text: option.text.text }));
}

export const channelOptions = () =>
  [...store.channels.values()].map((channel) => ({ value: channel.id, text: channel.kind === "im" ? title(channel) : `#${channel.name}` }));

function select(item, offered, multiple = false) {
  const initial = new Set([item.initial_option, ...(item.initial_options ?? [])].filter(Boolean).map((option) => option.value));
  const label = item.placeholder?.text ?? "Choose…";
  return h("select", { class: "ls-select", "data-act": "choose", "aria-label": label, multiple },
    !multiple && h("option", { value: "", disabled: true, selected: !initial.size }, label),
    offered.map((option) => h("option", { value: option.value, selected: initial.has(option.value) }, plainText(option.text))));
}

export const plainText = (text) => plain(text).map((node) => (typeof node === "string" ? node : node.textContent)).join("");

function picker(item, type, value) {
  return h("input", { class: "ls-field", type, value, "data-act": "choose", "aria-label": item.placeholder?.text ?? type });
}

function choices(item, type, initial) {
  const chosen = new Set(initial.filter(Boolean).map((option) => option.value));
  return h("div", { class: "ls-choices", role: type === "radio" ? "radiogroup" : "group" },
    item.options.map((option) => h("label", {},
      h("input", { type, name: item.action_id, value: option.value, checked: chosen.has(option.value), "data-act": "tick" }),
      h("span", {}, plain(option.text.text), option.description && h("small", {}, plain(option.description.text))))));
}

function feedback(item) {
  return h("span", { class: "ls-feedback" }, [item.positive_button, item.negative_button].filter(Boolean).map((one) =>
    h("button", { type: "button", class: "ls-button", "data-act": "option", value: one.value }, plain(one.text.text))));
}

export const unknown = (item) =>
  h("details", { class: "ls-unknown" }, h("summary", {}, `Not drawn here: ${item.type}`),
    h("pre", { class: "ls-code", tabindex: "0" }, JSON.stringify(item, null, 2)));
