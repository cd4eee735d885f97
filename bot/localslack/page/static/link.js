// The two ways to the server: one socket that tells what changed, and one request per gesture.

import { announce, apply, store } from "./store.js";
import { toast } from "./toast.js";

const RETRY_MS = [250, 500, 1000, 2000];
let socket = null;
let attempts = 0;

export function connect(person) {
  socket?.close();
  const mine = new WebSocket(`ws://${location.host}/_ui/ws?as=${encodeURIComponent(person ?? "")}`);
  socket = mine;
  mine.addEventListener("message", (event) => {
    if (socket !== mine) return;
    attempts = 0;
    store.online = true;
    const frame = JSON.parse(event.data);
    if (frame.notice) toast(frame.notice);
    apply(frame);
  });
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    store.online = false;
    announce(new Set(["app"]));
    setTimeout(() => socket === mine && connect(store.me || person), RETRY_MS[Math.min(attempts++, RETRY_MS.length - 1)]);
  });
}

// Do something as the person shown. What came of it, or null after telling the person why it was refused.
export async function gesture(what, fields) {
  try {
    const response = await fetch("/_ui/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ do: what, as: store.me, ...fields }),
    });
    const answer = response.headers.get("Content-Type")?.startsWith("application/json")
      ? await response.json()
      : { ok: false, error: await response.text() };
    if (answer.ok) return answer;
    toast(answer.error);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch's word for "nobody answered"
    toast("Nobody answers: is the demo still running?");
  }
  return null;
}
