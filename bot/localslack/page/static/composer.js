// Where one writes. Enter sends, Shift+Enter begins a line, "/" and "@" offer, files can be attached, dropped or pasted.

import { h, icon } from "./dom.js";
import { encoded, size } from "./files.js";
import { gesture } from "./link.js";
import { list, offers } from "./menu.js";
import { store } from "./store.js";
import { toast } from "./toast.js";

const MOST_BYTES = 20e6;
const TALLEST_PX = 200;
const COMMAND = /^(\/[\w-]+)(?:\s+([\s\S]*))?$/;

export class Composer {
  constructor(id, inThread, hooks = {}) {
    this.id = id;
    this.inThread = inThread;
    this.hooks = hooks; // editLast(): ArrowUp in an empty composer
    this.channel = "";
    this.thread = "";
    this.drafts = new Map();
    this.files = [];
    this.offered = [];
    this.chosen = 0;
    this.build();
  }

  build() {
    const attach = h("button", { type: "button", class: "ls-icon-button", title: "Attach files", "aria-label": "Attach files" }, icon("clip"));
    this.send = h("button", { type: "submit", class: "ls-send", title: "Send", "aria-label": "Send" }, icon("send"));
    this.area = h("textarea", { class: "ls-area", id: this.id, rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to attach" });
    this.chips = h("div", { class: "ls-chips" });
    this.menu = h("div", { class: "ls-menu-place" });
    this.form = h("form", { class: "ls-composer" }, this.menu, this.chips, this.area, h("div", { class: "ls-composer-tools" }, attach, this.picker, h("span", { class: "ls-keys" }, "Enter sends, Shift+Enter starts a line"), this.send));
    attach.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => this.attach(this.picker.files));
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.submit()));
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => this.offer([]));
    this.area.addEventListener("paste", (event) => event.clipboardData.files.length && (event.preventDefault(), this.attach(event.clipboardData.files)));
    this.form.addEventListener("dragover", (event) => event.preventDefault());
    this.form.addEventListener("drop", (event) => (event.preventDefault(), this.attach(event.dataTransfer.files)));
    this.menu.addEventListener("mousedown", (event) => (event.preventDefault(), this.pick(Number(event.target.closest("[data-index]")?.dataset.index))));
  }

  // Write to this channel or thread from now on; what was begun elsewhere stays there.
  aim(channel, thread, label) {
    const key = (c, t) => `${store.me} ${c} ${t}`;
    this.area.placeholder = label;
    this.area.setAttribute("aria-label", label);
    if (this.aimed === key(channel, thread)) return;
    if (this.aimed) this.drafts.set(this.aimed, this.area.value);
    this.aimed = key(channel, thread);
    [this.channel, this.thread] = [channel, thread];
    this.attached([]);
    this.write(this.drafts.get(this.aimed) ?? "");
  }

  write(text) {
    this.area.value = text;
    this.offer([]);
    this.fit();
  }

  typed() {
    this.offer(offers(this.area.value, this.area.selectionStart, this.inThread));
    this.fit();
  }

  fit() {
    this.area.rows = Math.min(8, this.area.value.split("\n").length);
    while (this.area.rows < 8 && this.area.scrollHeight > this.area.clientHeight + 2 && this.area.clientHeight < TALLEST_PX) this.area.rows += 1;
    this.send.disabled = !this.area.value.trim() && !this.files.length;
  }

  offer(offered, chosen = 0) {
    this.offered = offered;
    this.chosen = chosen;
    const open = offered.length > 0;
    this.menu.replaceChildren(...(open ? [list(`${this.id}-menu`, offered, chosen)] : []));
    this.area.setAttribute("aria-expanded", String(open));
    for (const [name, value] of [["aria-controls", `${this.id}-menu`], ["aria-activedescendant", `${this.id}-menu-${chosen}`]]) {
      if (open) this.area.setAttribute(name, value);
      else this.area.removeAttribute(name);
    }
  }

  pick(index) {
    const offer = this.offered[index];
    if (!offer) return;
    const { value } = this.area;
    this.write(value.slice(0, offer.from) + offer.insert + value.slice(offer.to));
    this.area.setSelectionRange(offer.from + offer.insert.length, offer.from + offer.insert.length);
  }

  key(event) {
    if (event.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (this.offered.length && (move || ["Enter", "Tab", "Escape"].includes(event.key))) {
      event.preventDefault();
      event.stopPropagation();
      if (move) this.offer(this.offered, (this.chosen + move + this.offered.length) % this.offered.length);
      else if (event.key === "Escape") this.offer([]);
      else this.pick(this.chosen);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.area.value) {
      if (this.hooks.editLast?.()) event.preventDefault();
    }
  }

  attach(chosen) {
    const files = [...this.files, ...chosen];
    if (files.reduce((sum, file) => sum + file.size, 0) > MOST_BYTES) toast(`Attach at most ${size(MOST_BYTES)} at once.`);
    else this.attached(files);
    this.picker.value = "";
    this.area.focus();
  }

  attached(files) {
    this.files = files;
    this.chips.replaceChildren(...files.map((file) => {
      const chip = h("button", { type: "button", class: "ls-chip", title: "Remove" }, icon("file"), ` ${file.name} `, icon("cross"));
      chip.addEventListener("click", () => this.attached(this.files.filter((other) => other !== file)));
      return chip;
    }));
    this.fit();
  }

  async submit() {
    const text = this.area.value.trim();
    const files = this.files;
    if (!text && !files.length) return;
    const command = COMMAND.exec(text);
    const known = command && store.commands.some((one) => one.command === command[1]);
    if (command && (!known || this.inThread)) {
      toast(this.inThread && known ? "Slash commands do not work in threads, here as in Slack." : `${command[1]} is not a command of this app.`);
      return;
    }
    this.write("");
    this.attached([]);
    const done = known
      ? await gesture("command", { channel: this.channel, command: command[1], text: command[2] ?? "" })
      : await gesture("say", { channel: this.channel, text, thread: this.thread || null, files: await Promise.all(files.map(encoded)) });
    if (!done && !this.area.value) {
      this.write(text);
      this.attached(files);
    }
  }
}
