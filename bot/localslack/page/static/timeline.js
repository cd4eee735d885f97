// A scrolling list of messages: a channel's, or one thread's. Only what changed is drawn anew, and what one is reading
// stays where it is: the list follows new messages only when its end was in sight.

import { h, icon } from "./dom.js";
import { day, message } from "./message.js";
import { patch } from "./patch.js";

const NEAR_PX = 60;
const TOGETHER_S = 300;

export class Timeline {
  constructor(label, before = null) {
    this.list = h("ol", { class: "ls-messages" });
    this.inner = h("div", { class: "ls-scroll-inner" }, before, this.list);
    this.scroller = h("div", { class: "ls-scroll", tabindex: "0", role: "region", "aria-label": label }, this.inner);
    this.newer = h("button", { type: "button", class: "ls-newer", hidden: true }, icon("down"), " New messages");
    this.element = h("div", { class: "ls-timeline" }, this.scroller, this.newer);
    this.drawn = new Map();
    this.key = "";
    this.following = true;
    this.newer.addEventListener("click", () => this.toEnd());
    this.scroller.addEventListener("scroll", () => this.scrolled());
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.scroller);
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.inner);
  }

  // posts in order; look(post) gives what message.js draws by; key names what is shown.
  show(key, posts, look) {
    if (this.key !== key) this.clear(key);
    const before = this.drawn;
    const wasEmpty = before.size === 0;
    this.drawn = new Map();
    let at = this.list.firstChild;
    let previous = null;
    let apart = false; // what follows a thread's summary begins anew
    let grew = false;
    for (const post of posts) {
      const shown = { ...together(previous, post), ...look(post) };
      if (shown.inThread) shown.day = "";
      if (apart) shown.compact = false;
      const item = before.get(post.ts) ?? { element: null };
      const sign = JSON.stringify(shown);
      if (!item.element) {
        grew = !wasEmpty;
        item.element = message(post, shown);
        this.list.insertBefore(item.element, at);
      } else {
        if (item.element === at) at = at.nextSibling;
        else this.list.insertBefore(item.element, at);
        if (item.post !== post || item.sign !== sign) item.element = patch(item.element, message(post, shown));
      }
      this.drawn.set(post.ts, Object.assign(item, { post, sign }));
      before.delete(post.ts);
      previous = post;
      apart = Boolean(shown.replies);
    }
    before.forEach((item) => item.element.remove());
    if (this.following) this.toEnd();
    else if (grew) this.newer.hidden = false;
  }

  clear(key) {
    this.key = key;
    this.list.replaceChildren();
    this.drawn.clear();
    this.following = true;
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.following) this.newer.hidden = true;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.following = true;
    this.newer.hidden = true;
  }
}

function together(previous, post) {
  const today = day(post.ts);
  const other = !previous || day(previous.ts) !== today;
  const near = !other && Number(post.ts) - Number(previous.ts) < TOGETHER_S;
  const plain = previous && !previous.deleted && !previous.ephemeral && !post.ephemeral;
  return { day: other ? today : "", compact: Boolean(near && plain && previous.user === post.user) };
}
