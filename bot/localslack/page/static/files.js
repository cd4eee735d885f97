// Files: those of a message, and those about to be sent.

import { h, icon } from "./dom.js";

const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export const size = (bytes) => {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
};

export function file(item) {
  const url = `/_ui/files/${encodeURIComponent(item.id)}`;
  const picture = SHOWN.has(item.mimetype) && h("img", { src: url, alt: item.title || item.name, loading: "lazy" });
  return h("div", { class: "ls-file", "data-key": item.id }, picture,
    h("a", { class: "ls-file-card", href: `${url}?download`, download: item.name },
      icon("file"), h("span", { class: "ls-file-name" }, item.title || item.name), h("span", { class: "ls-file-size" }, `${size(item.size)} · Download`)));
}

// A chosen file as the server takes it.
export function encoded(chosen) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve({ name: chosen.name, base64: reader.result.split(",", 2)[1] ?? "" }));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(chosen);
  });
}
