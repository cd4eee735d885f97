// Changing what is shown into what should be shown, touching only what differs: focus, selections, opened details and
// what was typed survive. Children that may move or come and go carry a data-key, unique among their siblings.

const KEPT = new Set(["open"]); // what the person changed, not the server

export function patch(from, to) {
  if (from.isEqualNode(to)) return from;
  if (from.nodeName !== to.nodeName || from.dataset?.key !== to.dataset?.key) {
    from.replaceWith(to);
    return to;
  }
  if (from.nodeType === Node.ELEMENT_NODE) {
    attributes(from, to);
    children(from, to);
  } else {
    from.nodeValue = to.nodeValue;
  }
  return from;
}

function attributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !KEPT.has(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && !KEPT.has(name)) from.setAttribute(name, value);
  }
}

export function children(from, to) {
  const keyed = new Map([...from.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let at = from.firstChild;
  for (const next of [...to.childNodes]) {
    const key = next.dataset?.key;
    const match = key ? keyed.get(key) : at?.dataset?.key ? undefined : at;
    if (!match) {
      from.insertBefore(next, at);
    } else {
      if (match === at) at = at.nextSibling;
      else from.insertBefore(match, at);
      patch(match, next);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}
