// Light, dark, or what the system prefers.

import { h, icon } from "./dom.js";

const ORDER = ["auto", "light", "dark"];
const ICONS = { auto: "half", light: "sun", dark: "moon" };

export const current = () => document.documentElement.dataset.theme;

export function restore() {
  const saved = localStorage.getItem("ls-theme");
  document.documentElement.dataset.theme = ORDER.includes(saved) ? saved : "auto";
}

export function next() {
  const theme = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("ls-theme", theme);
}

export const button = () =>
  h("button", { type: "button", class: "ls-theme", "data-act": "theme", "data-key": "theme" }, icon(ICONS[current()]), ` Theme: ${current()}`);
