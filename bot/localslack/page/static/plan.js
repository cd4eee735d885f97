// `plan` blocks and the `task_card`s in them. https://docs.slack.dev/reference/block-kit/blocks/plan-block/

import { h, icon } from "./dom.js";
import { link } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const STATES = { pending: "to do", in_progress: "in progress", complete: "done", error: "failed" };

export function plan(block) {
  const tasks = block.tasks ?? [];
  return h("details", { class: "ls-plan", open: true },
    h("summary", {}, h("span", { class: "ls-plan-title" }, block.title), h("span", { class: "ls-plan-count" }, tally(tasks))),
    h("ol", { class: "ls-tasks" }, tasks.map((task) => h("li", { "data-key": task.task_id }, card(task)))));
}

function tally(tasks) {
  const done = tasks.filter((task) => task.status === "complete").length;
  return `${done} of ${tasks.length} done`;
}

export function card(task) {
  const row = [state(task.status), h("span", { class: "ls-task-title" }, task.title)];
  const more = [task.details && richText(task.details), task.output && output(task.output), sources(task)].filter(Boolean);
  if (!more.length) return h("div", { class: "ls-task", "data-status": task.status }, h("div", { class: "ls-task-row" }, row));
  return h("details", { class: "ls-task", "data-status": task.status, open: task.status === "error" },
    h("summary", { class: "ls-task-row" }, row), h("div", { class: "ls-task-more" }, more));
}

function state(status) {
  const drawn = { complete: "check", error: "cross" }[status];
  return h("span", { class: "ls-task-state", role: "img", "aria-label": STATES[status] ?? status }, drawn && icon(drawn));
}

const output = (text) => h("div", { class: "ls-task-output" }, richText(text));

function sources(task) {
  if (!task.sources?.length) return null;
  return h("p", { class: "ls-task-sources" }, task.sources.flatMap((source) => [link(source.url, source.text ?? source.url), " "]));
}
