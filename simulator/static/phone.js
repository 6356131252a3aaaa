// Left: the phone of one resident.
import * as api from "./api.js";
import { phoneBubble, timeLine } from "./bubbles.js";
import { openPhoto, openPlace, openScan, openVoice, askName } from "./dialogs.js";
import { $, appendAtEnd, avatar, growing, h } from "./dom.js";
import { resident, store } from "./store.js";

const SUGGESTIONS = ["我们楼道灯坏了", "消防通道堵了", "有煤气味"];
// The keys are the codes of the services they open, as an operator would publish them.
const MENU = [["我要反映", "report"], ["我的进度", "my_tickets"], ["找网格员", "human"]];
const TOOLS = { photo: openPhoto, voice: openVoice, place: openPlace, scan: openScan };

let last = null;

export async function act(action) {
  if (store.openid) await api.push(store.openid, action);
}

export function setUpPhone(onPeople) {
  const clear = growing($("phone-text"), $("phone-form"));
  const send = (text) => text.trim() && act({ kind: "text", text: text.trim() });
  $("phone-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send($("phone-text").value);
    clear();
  });
  $("suggestions").append(...SUGGESTIONS.map((text) => h("button", { type: "button", onclick: () => send(text) }, text)));
  $("menu").append(...MENU.map(([name, key]) => h("button", { type: "button", onclick: () => act({ kind: "menu", key, name }) }, name)));
  $("tools").addEventListener("click", (event) => TOOLS[event.target.closest("button")?.dataset.tool]?.(act));
  $("follow").addEventListener("click", () => act({ kind: resident().following ? "unfollow" : "follow" }).then(onPeople));
  $("left").addEventListener("click", () => api.expireWindows(store.openid).then(onPeople));
}

export function showPeople(choose) {
  const one = (each) => h("button", {
    type: "button", role: "tab", ariaSelected: String(each.openid === store.openid), class: store.unreadPeople.has(each.openid) ? "unread" : "",
    onclick: () => choose(each.openid),
  }, avatar(each.nickname), each.nickname);
  const add = async () => {
    const nickname = await askName();
    if (nickname) choose((await api.newResident(nickname)).openid);
  };
  $("people").replaceChildren(...store.residents.map(one), h("button", { type: "button", class: "add", onclick: add, title: "添一位居民" }, "＋ 居民"));
  showAccount();
}

function showAccount() {
  const who = resident();
  if (!who) return;
  $("follow").textContent = who.following ? "取消关注" : "关注公众号";
  $("follow").classList.toggle("strong", !who.following);
  $("left").textContent = who.following ? `还可主动发 ${who.left} 条` : "未关注";
  for (const button of document.querySelectorAll("#phone-form button, #suggestions button, #menu button, #tools button:not([data-tool=scan])")) {
    button.disabled = !who.following;
  }
  $("phone-text").disabled = !who.following;
  $("left").title = "公众号此刻还能主动发给这位居民的客服消息数。点一下：当作 48 小时已过。";
}

export async function showScreen() {
  const items = store.openid ? await api.residentScreen(store.openid) : [];
  last = null;
  const empty = h("p", { class: "empty" }, "还没有关注公众号。点右上角“关注公众号”，或者扫楼栋门口的二维码。");
  $("phone-chat").replaceChildren(...(items.length || resident()?.following ? items.flatMap(rows) : [empty]));
  $("phone-chat").scrollTop = $("phone-chat").scrollHeight;
}

export function showItem(item) {
  $("phone-chat").querySelector(".empty")?.remove();
  appendAtEnd($("phone-chat"), ...rows(item));
}

function rows(item) {
  const made = [...timeLine(item, last), phoneBubble(item, act)];
  last = item;
  return made;
}
