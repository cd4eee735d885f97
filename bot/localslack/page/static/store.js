// What the server said one person sees. Messages are replaced, never changed: identity tells whether one is new.

export const store = {
  ready: false,
  online: false,
  me: "",
  users: new Map(),
  channels: new Map(),
  messages: new Map(), // channel id → Map of ts → message, in order of ts
  statuses: [],
  views: [],
  home: null,
  commands: [],
  welcome: { note: "", suggestions: [] },
  app: { user: "", name: "", connected: false, home_tab: false },
};

const listeners = new Set();
export const subscribe = (listener) => listeners.add(listener);
export const announce = (changed) => listeners.forEach((listener) => listener(changed));

// Apply one frame; `changed` is the set of its parts, "state" for all of it.
export function apply(frame) {
  if (frame.state) replaceAll(frame.state);
  for (const message of frame.messages ?? []) put(message);
  for (const { channel, ts } of frame.gone ?? []) store.messages.get(channel)?.delete(ts);
  for (const part of ["statuses", "views", "home", "app"]) {
    if (part in frame) store[part] = frame[part];
  }
  announce(new Set(Object.keys(frame)));
}

function replaceAll(state) {
  const { users, channels, messages, ...rest } = state;
  Object.assign(store, rest, { ready: true });
  store.users = new Map(users.map((user) => [user.id, user]));
  store.channels = new Map(channels.map((channel) => [channel.id, channel]));
  store.messages = new Map(channels.map((channel) => [channel.id, new Map()]));
  messages.forEach(put);
}

function put(message) {
  const known = store.messages.get(message.channel);
  if (!known) return;
  const late = !known.has(message.ts) && known.size > 0 && message.ts < [...known.keys()].at(-1);
  known.set(message.ts, message);
  if (late) store.messages.set(message.channel, new Map([...known].sort(([a], [b]) => (a < b ? -1 : 1))));
}

export const isReply = (message) => Boolean(message.thread) && message.thread !== message.ts;
export const all = (channel) => [...(store.messages.get(channel)?.values() ?? [])];
export const top = (channel) => all(channel).filter((message) => !isReply(message));
export const thread = (channel, root) => all(channel).filter((m) => m.ts === root || m.thread === root);
export const message = (channel, ts) => store.messages.get(channel)?.get(ts);
export const name = (id) => store.users.get(id)?.name ?? id;
export const people = () => [...store.users.values()].filter((user) => !user.is_bot);
export const title = (channel) => (channel.kind === "im" ? store.app.name : channel.name);
