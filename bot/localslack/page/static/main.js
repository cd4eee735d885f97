// The page begins here: its regions, drawn from the store whenever something in them changed.

import { listen, on } from "./act.js";
import { channel, focusComposer } from "./channel.js";
import "./controls.js";
import { confirmed } from "./confirm.js";
import { connect, gesture } from "./link.js";
import { modal } from "./modal.js";
import { go, place, read } from "./place.js";
import { forgetOtherRuns } from "./read.js";
import { sidebar } from "./sidebar.js";
import { store, subscribe } from "./store.js";
import * as theme from "./theme.js";
import { focusReply, thread } from "./thread.js";

const region = Object.fromEntries(["app", "side", "head", "pane", "thread"].map((name) => [name, document.getElementById(`ls-${name}`)]));

function draw() {
  if (!store.ready) return;
  channel(region.head, region.pane);
  thread(region.thread);
  sidebar(region.side);
  visit();
  document.title = `${store.channels.get(place.channel)?.name ?? ""} · Local Slack`;
}

let visited = "";

// The app is told when somebody comes to its conversation or its Home.
function visit() {
  const now = `${store.me} ${place.channel} ${place.home}`;
  if (visited === now) return;
  visited = now;
  if (store.channels.get(place.channel)?.kind === "im") gesture("open_home", { tab: place.home ? "home" : "messages" });
}

subscribe((changed) => {
  if (changed.has("state")) {
    localStorage.setItem("ls-person", store.me);
    forgetOtherRuns();
    read(); // announces "place", which draws
    modal();
    return;
  }
  draw();
  if (changed.has("views")) modal();
});

const item = (control) => control.closest("[data-ts]").dataset;
const narrowSide = (open) => region.app.classList.toggle("ls-side-open", open);

on("thread", (control) => {
  go(item(control).channel, item(control).ts);
  focusReply();
});
on("thread-close", closeThread);
on("react", (control) => gesture("react", { channel: item(control).channel, ts: item(control).ts, name: control.value }));
on("delete", async (control) => {
  const { channel: where, ts } = item(control);
  const question = { title: { text: "Delete message" }, text: { type: "plain_text", text: "It is gone for everyone." }, confirm: { text: "Delete" }, style: "danger" };
  if (await confirmed(question)) gesture("delete", { channel: where, ts });
});
on("person", (control) => {
  store.me = control.value;
  connect(control.value);
});
on("theme", () => {
  theme.next();
  draw();
});
on("side", () => {
  narrowSide(true);
  region.side.querySelector("a")?.focus();
});
for (const beside of [region.pane, region.thread]) beside.addEventListener("click", () => narrowSide(false));
on("dm", async () => {
  const opened = await gesture("open_dm", {});
  if (!opened) return;
  go(opened.channel);
  focusComposer();
});
on("suggest", async (control) => {
  const where = place.channel;
  const said = await gesture("say", { channel: where, text: store.welcome.suggestions[Number(control.value)].text });
  if (said && place.channel === where) {
    go(where, said.ts);
    focusReply();
  }
});

function closeThread() {
  const { channel: where, thread: root } = place;
  go(where);
  const message = region.pane.querySelector(`[data-ts="${root}"]`);
  (message?.querySelector(".ls-replies") ?? message?.querySelector('[data-act="thread"]'))?.focus();
  if (document.activeElement === document.body) focusComposer();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const menu = event.target.closest?.("details.ls-overflow[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (region.app.classList.contains("ls-side-open")) {
    narrowSide(false);
    region.head.querySelector(".ls-opener").focus();
  } else if (place.thread) {
    closeThread();
  }
});

window.addEventListener("hashchange", () => {
  const was = { ...place };
  read();
  narrowSide(false);
  if (was.channel !== place.channel && !place.thread && !place.home) focusComposer();
});
document.addEventListener("visibilitychange", draw);

theme.restore();
listen();
connect(localStorage.getItem("ls-person"));
