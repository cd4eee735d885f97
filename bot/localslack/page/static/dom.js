// Building elements. Text from outside only ever becomes text nodes and attribute values.

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  check: "M4 10.5l4 4 8-9",
  cross: "M5 5l10 10M15 5L5 15",
  warning: "M10 3l8 14H2zM10 8.5v4M10 14.6v.4",
  stop: "M7 2.5h6l4.5 4.5v6L13 17.5H7L2.5 13V7zM7 10h6",
  reply: "M3 4h14v9H9l-4 4v-4H3z",
  pencil: "M4 16l1-4L14 3l3 3-9 9z",
  bin: "M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11",
  clip: "M14 7l-6 6a2 2 0 0 1-3-3l7-7a3.5 3.5 0 0 1 5 5l-7.500 7.500a5 5 0 0 1-7-7L9 2.500",
  send: "M3 10L17 3l-4 14-3.500-5.500z",
  menu: "M3 5h14M3 10h14M3 15h14",
  dots: "M4.500 10h.1M10 10h.1M15.500 10h.1",
  file: "M5 2.500h7l4 4v11H5zM12 2.500v4h4",
  down: "M5 8l5 5 5-5",
  moon: "M16 12.500A7 7 0 0 1 7.500 4a7 7 0 1 0 8.500 8.500z",
  sun: "M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M15.700 4.300l-1.100 1.100M5.400 14.600l-1.100 1.100",
  half: "M10 2.500a7.500 7.500 0 1 0 0 15zM10 2.500a7.500 7.500 0 0 1 0 15",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `ls-icon ls-icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

// Who an event on a drawn control belongs to: the nearest element that names an act.
export const acting = (event) => event.target.closest?.("[data-act]");
