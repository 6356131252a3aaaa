// Below: what went over the wire, and switches for trouble.
import * as api from "./api.js";
import { $, h } from "./dom.js";
import { firstLine } from "./bubbles.js";
import { store } from "./store.js";
import { exactClock } from "./time.js";

const SEND = "/cgi-bin/message/custom/send";
const PUSH = "/cgi-bin/webhook/send";
const SWITCHES = [
  ["居民的消息", [
    ["答复在路上丢了一次，微信会再送一遍", { path: "/wechat", kind: "lost_reply", times: 1 }],
    ["同一条消息总是送两遍", { path: "/wechat", kind: "duplicate" }],
    ["下一条消息迟到，后发的先到", { path: "/wechat", kind: "late", times: 1 }],
  ]],
  ["主动发给居民", [
    ["凭证失效（40001）一次", { path: SEND, kind: "errcode", code: 40001, times: 1 }],
    ["接口收下了，但一直不回话", { path: SEND, kind: "silent" }],
    ["平台繁忙（-1）", { path: SEND, kind: "errcode", code: -1 }],
  ]],
  ["推送到群", [
    ["发得太快（45009）", { path: PUSH, kind: "errcode", code: 45009 }],
    ["群机器人被移除（93000）", { path: PUSH, kind: "errcode", code: 93000 }],
    ["网关出错（502）", { path: PUSH, kind: "http", code: 502 }],
    ["收下后连接断开，结果不明", { path: PUSH, kind: "reset" }],
  ]],
];
const PLACES = {
  "/wechat": "微信 → 机器人", "/wecom/bot": "企业微信群 → 机器人", [SEND]: "机器人 → 居民", [PUSH]: "机器人 → 群",
  "/cgi-bin/stable_token": "机器人取凭证", "/cgi-bin/token": "机器人取凭证",
};
const KINDS = {
  text: "文字", image: "照片", voice: "语音", video: "视频", location: "位置", link: "链接", markdown: "卡片", stream: "续答",
  subscribe: "关注", unsubscribe: "取消关注", SCAN: "扫码", CLICK: "点菜单", enter_chat: "打开单聊", msgmenu: "选择题",
};
const FILTERS = { 全部: () => true, 收到的: (e) => e.direction === "to_bot", 发出的: (e) => e.direction === "to_platform", 出错的: (e) => !e.ok };

let entries = [];
let filter = "全部";

export function setUpWire() {
  $("ledger-filter").append(...Object.keys(FILTERS).map((name) =>
    h("button", { type: "button", ariaPressed: String(name === filter), onclick: (event) => choose(name, event.target) }, name)));
  $("wire").addEventListener("toggle", () => {
    document.body.classList.toggle("wire-open", $("wire").open);
    for (const chat of document.querySelectorAll(".chat")) chat.scrollTop = chat.scrollHeight;
  });
}

function choose(name, button) {
  filter = name;
  for (const each of $("ledger-filter").children) each.ariaPressed = String(each === button);
  showEntries();
}

export async function loadLedger() {
  entries = await api.ledger();
  showEntries();
}

export function addEntry(entry) {
  entries = [...entries.slice(-199), entry];
  showLast();
  if (FILTERS[filter](entry)) $("ledger").prepend(entryLine(entry));
  while ($("ledger").children.length > 200) $("ledger").lastChild.remove();
}

function showEntries() {
  $("ledger").replaceChildren(...entries.filter(FILTERS[filter]).toReversed().map(entryLine));
  showLast();
}

function showLast() {
  const entry = entries.at(-1);
  $("wire-last").textContent = entry ? `${place(entry)}　${summary(entry)}　${verdict(entry)}` : "还没有往来";
  $("wire-last").classList.toggle("bad", Boolean(entry && !entry.ok));
}

const place = (entry) => PLACES[entry.path.split("?")[0]] ?? entry.path.split("?")[0];

function summary({ sent }) {
  if (typeof sent !== "object" || !sent) return "";
  const event = sent.Event ?? sent.event?.eventtype;
  const words = sent.Content ?? sent.text?.content ?? sent.markdown?.content ?? sent.Label ?? "";
  const name = event ?? sent.MsgType ?? sent.msgtype ?? "";
  const kind = `${KINDS[name] ?? name} ${event ? sent.EventKey ?? "" : ""}`.trim();
  return `${kind} ${words ? `“${firstLine(words)}”` : ""}`.trim();
}

function verdict({ verdict: said, direction, answer, ok }) {
  if (direction === "to_platform") {
    if (ok) return "已接受";
    return said.startsWith("fault") ? `故障：${said.slice(7)}` : `被拒绝 ${answer?.errcode ?? ""}`;
  }
  if (said === "shown") return "签名正确，已显示";
  if (said === "silence") return "已应答，不显示";
  if (said.startsWith("no answer")) return "没有应答（超过 5 秒或连不上）";
  if (said.startsWith("answer lost")) return "答复丢在路上（故障）";
  if (said.startsWith("bad answer")) return `答复不合规矩：${said.slice(12)}`;
  return `机器人返回 ${said}`;
}

function entryLine(entry) {
  const again = entry.attempt > 1 && h("i", { class: "again" }, `第 ${entry.attempt} 次投递`);
  return h("li", {}, h("details", {},
    h("summary", { class: entry.ok ? "" : "bad" },
      h("time", {}, exactClock(entry.at)),
      h("b", {}, place(entry)), h("span", { class: "what" }, summary(entry)), again,
      h("span", { class: "verdict" }, verdict(entry)), h("span", { class: "ms" }, `${Math.max(1, Math.round(entry.milliseconds))} 毫秒`)),
    h("div", { class: "raw" }, raw("送出（已解密）", entry.sent), raw("应答", entry.answer ?? entry.verdict), h("code", { class: "path" }, entry.path))));
}

const raw = (title, content) => h("div", {}, h("h4", {}, title), h("pre", {}, typeof content === "string" ? content : JSON.stringify(content, null, 2)));

const matches = (fault, wanted) => ["path", "kind", "code"].every((name) => (fault[name] || 0) === (wanted[name] || 0));
const alive = (fault) => fault.times === null || fault.hits < fault.times;

export function showFaults() {
  const on = store.faults.filter(alive);
  $("wire-faults").textContent = on.length ? `${on.length} 个故障开着` : "";
  const line = ([words, wanted]) => {
    const fault = on.find((each) => matches(each, wanted));
    const toggle = () => (fault ? api.removeFault(fault.id) : api.addFault(wanted));
    return h("button", { type: "button", class: "switch", role: "switch", ariaChecked: String(Boolean(fault)), onclick: toggle }, h("span", {}, words));
  };
  $("faults").replaceChildren(...SWITCHES.map(([title, lines]) => h("fieldset", {}, h("legend", {}, title), ...lines.map(line))));
}
