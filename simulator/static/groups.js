// Right: the group chats of grid workers.
import * as api from "./api.js";
import { firstLine, groupBubble, timeLine } from "./bubbles.js";
import { $, appendAtEnd, growing, h } from "./dom.js";
import { group, store } from "./store.js";

const QUOTED_WORDS = ["接单", "下午三点上门看看", "办结 已经修好"];
const RAISED_WORDS = ["接单", "督办 今天必须上门"];
const WORDS = ["待办", "统计", "帮助"];

let last = null;
let mention = true;

export function setUpGroups(choose) {
  const clear = growing($("group-text"), $("group-form"));
  $("group-form").addEventListener("submit", (event) => {
    event.preventDefault();
    speak($("group-text").value);
    clear();
  });
  $("group-search").addEventListener("input", () => showGroups(choose));
  $("mention").addEventListener("click", () => { mention = !mention; showMention(); });
}

async function speak(text) {
  if (!store.chatId || !text.trim()) return;
  const quote = store.quote?.id;
  quoteItem(null);
  await api.say(store.chatId, { member: $("member").value, text: text.trim(), mention, quote });
}

function showMention() {
  $("mention").textContent = `@${store.bot_name}`;
  $("mention").ariaPressed = String(mention);
  $("mention").title = mention ? "机器人看得到这条" : "不 @ 机器人：和真实的群一样，机器人看不到这条";
}

export function quoteItem(item) {
  store.quote = item;
  $("quoting").hidden = !item;
  if (item) {
    const cancel = h("button", { type: "button", ariaLabel: "不引用了", onclick: () => quoteItem(null) }, "×");
    $("quoting").replaceChildren(h("span", {}, "引用：", firstLine(item.text)), cancel);
    $("group-text").focus();
  }
  const words = !item ? WORDS : /【上报/.test(item.text) ? RAISED_WORDS : QUOTED_WORDS;
  $("group-suggestions").replaceChildren(...words.map((text) => h("button", { type: "button", onclick: () => speak(text) }, text)));
}

// The tree: groups with news first, then street, communities with their grids, departments.
export function showGroups(choose) {
  const wanted = $("group-search").value.trim();
  const line = (each) => groupLine(each, choose);
  if (wanted) {
    const found = store.groups.filter((each) => [each.name, ...each.path].join(" ").includes(wanted)).slice(0, 60);
    const none = h("p", { class: "nothing" }, "没有找到这样的群。换个词试试，比如社区名。");
    return $("group-tree").replaceChildren(...(found.length ? found.map(line) : [none]));
  }
  const news = store.groups.filter((each) => store.unreadGroups.has(each.chat_id) || each.chat_id === store.chatId);
  const level = (name) => store.groups.filter((each) => each.level === name);
  const used = new Set();
  const communities = level("community").map((community) => {
    const grids = store.groups.filter((each) => each.level === "grid" && each.path.at(-2) === community.path.at(-1));
    grids.forEach((each) => used.add(each));
    return branch(community.path.at(-1) ?? community.name, [community, ...grids].map(line));
  });
  const [top, departments] = [[...level("district"), ...level("street")], level("department")];
  const rest = store.groups.filter((each) => !used.has(each) && !["district", "street", "community", "department"].includes(each.level));
  $("group-tree").replaceChildren(
    ...(news.length ? [h("h3", {}, "当前与新消息"), ...news.map(line)] : []),
    ...(top.length ? [h("h3", {}, "区与街道"), ...top.map(line)] : []),
    ...(communities.length ? [h("h3", {}, "社区与网格"), ...communities] : []),
    ...(rest.length ? [h("h3", {}, "其他群"), ...rest.map(line)] : []),
    ...(departments.length ? [h("h3", {}, "部门"), branch(`${departments.length} 个部门`, departments.map(line))] : []),
  );
}

const opened = new Set();

function branch(name, lines) {
  const details = h("details", { open: opened.has(name) }, h("summary", {}, name), ...lines);
  details.addEventListener("toggle", () => (details.open ? opened.add(name) : opened.delete(name)));
  return details;
}

function groupLine(each, choose) {
  const unread = store.unreadGroups.get(each.chat_id);
  const chosen = each.chat_id === store.chatId;
  return h("button", { type: "button", class: "group-line", ariaCurrent: chosen ? "true" : "false", onclick: () => choose(each.chat_id) },
    h("span", { title: each.name }, each.name.replace(/工作群$/, "")), unread && h("b", { class: "badge", title: "新消息" }, unread));
}

export async function showGroup() {
  const chosen = group();
  if (!chosen) return;
  $("group-name").textContent = chosen.name;
  $("group-path").textContent = chosen.path.join(" › ");
  $("group-count").textContent = `${chosen.members.length - 1} 人`;
  const options = chosen.members.map((m) => h("option", { value: m.userid }, m.duty ? `${m.name}（${m.duty}）` : m.name));
  $("member").replaceChildren(...options);
  const worker = chosen.members.find((m) => m.duty === "专职网格员") ?? chosen.members[0];
  $("member").value = worker.userid;
  showMention();
  quoteItem(null);
  const items = await api.groupScreen(chosen.chat_id);
  last = null;
  const empty = h("p", { class: "empty" }, "这个群还很安静。左边的居民反映一件事，工单卡片就会推到它所在网格的群里。");
  $("group-chat").replaceChildren(...(items.length ? items.flatMap(rows) : [empty]));
  $("group-chat").scrollTop = $("group-chat").scrollHeight;
}

export function showItem(item) {
  $("group-chat").querySelector(".empty")?.remove();
  appendAtEnd($("group-chat"), ...rows(item));
}

function rows(item) {
  const made = [...timeLine(item, last), groupBubble(item, quoteItem)];
  last = item;
  return made;
}
