// The few names Reins uses, and some a team will type. A drawn icon where a font may have none.

import { h, icon } from "./dom.js";

const DRAWN = { x: "cross", white_check_mark: "check", heavy_check_mark: "check", warning: "warning", octagonal_sign: "stop" };
const CHARACTERS = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", eyes: "👀", tada: "🎉", rocket: "🚀", wave: "👋", smile: "😄",
  heart: "❤️", fire: "🔥", bug: "🐛", lock: "🔒", key: "🔑", robot_face: "🤖", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", question: "❓", bulb: "💡", memo: "📝", package: "📦", no_entry: "⛔", stopwatch: "⏱️",
  thinking_face: "🤔", raised_hands: "🙌", pray: "🙏", clock1: "🕐", arrows_counterclockwise: "🔄", no_entry_sign: "🚫",
};

export function emoji(name) {
  const label = { class: `ls-emoji ls-emoji-${name in DRAWN ? DRAWN[name] : "text"}`, role: "img", "aria-label": name.replaceAll("_", " ") };
  if (name in DRAWN) return h("span", label, icon(DRAWN[name]));
  return name in CHARACTERS ? h("span", label, CHARACTERS[name]) : document.createTextNode(`:${name}:`);
}

export const isEmoji = (name) => name in DRAWN || name in CHARACTERS;
