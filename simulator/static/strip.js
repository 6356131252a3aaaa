// Above the groups: the way up from the grid to the district, and the departments that were called, with their news.
import * as api from "./api.js";
import { $, h } from "./dom.js";
import { group, store } from "./store.js";
import { brief, clock } from "./time.js";

const LEVELS = { grid: "网格", community: "社区", street: "街道", district: "区县", department: "部门", micro_grid: "微网格" };
const DEPARTMENTS_AT_MOST = 2;
// Inside its own line, 望月社区第三网格 is the 第三网格.
const IN_ITS_LINE = /^.+社区(?=第)/;

let line = [];
let shown = new Set();

// The way up from the chosen group; a department's group keeps the line of before.
function lineNow() {
  const chosen = group();
  const from = chosen?.line.length ? chosen : store.groups.find((each) => each.chat_id === store.home.chat_id);
  const kept = line.length && chosen?.line.every((code) => line.includes(code));
  if (!kept && from) line = from.line;
  return line.map((code) => store.groups.find((each) => each.area_code === code)).filter(Boolean);
}

const newestFirst = (one, other) => (other.last?.at ?? 0) - (one.last?.at ?? 0);

export function showStrip(choose) {
  const up = lineNow();
  const called = store.groups.filter((each) => each.level === "department" && each.last).sort(newestFirst).slice(0, DEPARTMENTS_AT_MOST);
  shown = new Set([...up, ...called].map((each) => each.chat_id));
  const chips = up.flatMap((each, place) => [place > 0 && h("span", { class: "up", ariaHidden: "true" }, "›"), chip(each, choose)]);
  const beside = called.length ? [h("span", { class: "beside", ariaHidden: "true" }), ...called.map((each) => chip(each, choose))] : [];
  $("strip").replaceChildren(...[...chips, ...beside].filter(Boolean));
}

export const inStrip = (chatId) => shown.has(chatId);

function chip(each, choose) {
  const unread = store.unreadGroups.get(each.chat_id);
  const said = each.last?.lines[0] ?? "还没有消息";
  const raised = /【上报|【紧急|【吹哨|【督办/.test(said);
  const words = said.replace(/【(上报|紧急|吹哨|督办)[^】]*】/g, "$1 ");
  const name = each.name.replace(/（.*）|工作群$/g, "").replace(/工作群$/, "").replace(IN_ITS_LINE, "");
  return h("button", {
    type: "button", class: `chip ${raised ? "raised" : ""} ${unread ? "fresh" : ""}`, ariaCurrent: each.chat_id === store.chatId ? "true" : "false",
    title: `${each.name}\n${each.last?.lines.join("\n") ?? ""}`, onclick: () => choose(each.chat_id),
  },
  h("span", { class: "chip-head" }, h("b", {}, name), unread && h("span", { class: "badge" }, unread)),
  h("span", { class: "chip-last" }, each.last && h("time", {}, `${brief(each.last.at)} `), words));
}

export async function showBoard(choose) {
  const tracks = await api.board();
  const none = h("p", { class: "empty" }, "还没有工单。左边的居民反映一件事，就能在这里看它走到了哪一级。");
  $("board").replaceChildren(...(tracks.length ? tracks.map((track) => trackLine(track, choose)) : [none]));
}

function trackLine(track, choose) {
  const stops = track.stops.flatMap((stop, place) => [
    place > 0 && h("span", { class: "up", ariaHidden: "true" }, stop.level === "department" ? "＋" : "›"),
    h("button", { type: "button", class: `stop ${stop.raised ? "raised" : ""}`, title: `${stop.name}，${stop.times} 条消息`, onclick: () => choose(stop.chat_id) },
      stop.level === "department" ? stop.name.replace(/（.*/, "") : LEVELS[stop.level] ?? stop.name, h("time", {}, clock(stop.at))),
  ]).filter(Boolean);
  return h("article", { class: "track" },
    h("h3", {}, h("span", { class: "number" }, `#${track.number}`), ` ${track.title}`),
    h("div", { class: "stops" }, stops),
    h("p", { class: "newest" }, h("time", {}, `${clock(track.newest_at)} `), track.newest));
}
