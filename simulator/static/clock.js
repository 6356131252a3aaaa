// Above: what time it is in this world, and the buttons that move it.
import * as api from "./api.js";
import { $, h } from "./dom.js";
import * as time from "./time.js";

const DAY_SECONDS = 86400;
const LOOKS_MS = 250;
const MOVES = [
  ["快进10分钟", "时间很快到十分钟以后", () => ({ skip_seconds: 600 })],
  ["快进1小时", "时间很快到一小时以后", () => ({ skip_seconds: 3600 })],
  ["到明早9点", "时间很快到下一个工作日上午九点", () => ({ to_morning: true })],
  ["一天一分钟", "看着一整天在一分钟里过去（1440 倍速），到明天这个时候自动停", () => ({ play_seconds: DAY_SECONDS })],
  ["正常速度", "停在这里，时间照常走", () => ({})],
];
const [MORNING, DAY, NORMAL] = [2, 3, 4];

let playing = false;
let buttons = [];

export function setUpClock() {
  buttons = MOVES.map(([name, title, asked], place) => h("button", {
    type: "button", title, onclick: async () => { playing = place === DAY; showTime(await api.moveClock(asked())); },
  }, name));
  $("clock-moves").replaceChildren(...buttons);
  setInterval(tick, LOOKS_MS);
}

// What the world says of its time, now and whenever it moves.
export function showTime(said) {
  time.set(said.now);
  const fast = said.until !== null;
  $("clock").classList.toggle("fast", fast);
  $("clock-speed").textContent = fast ? "快进" : "现在";
  buttons[DAY].ariaPressed = String(fast && playing);
  buttons[NORMAL].ariaPressed = String(!fast);
  buttons[MORNING].textContent = morningName(new Date(said.morning * 1000));
  tick();
}

function morningName(at) {
  if (time.sameDay(at, time.now())) return "到今早9点";
  const tomorrow = new Date(time.now().getTime() + DAY_SECONDS * 1000);
  return time.sameDay(at, tomorrow) ? "到明早9点" : `到${time.weekday(at)}早9点`;
}

function tick() {
  const now = time.now();
  $("clock-day").textContent = time.day(now);
  $("clock-hour").textContent = time.hour(now);
}
