// Brings both sides and the wire together; everything new arrives by server-sent events.
import * as api from "./api.js";
import { setUpClock, showTime } from "./clock.js";
import { $, toast } from "./dom.js";
import * as groups from "./groups.js";
import * as phone from "./phone.js";
import { noteCard, refresh, store } from "./store.js";
import { inStrip, showBoard, showStrip } from "./strip.js";
import { addEntry, loadLedger, setUpWire, showFaults } from "./wire.js";

async function chooseResident(openid) {
  store.openid = openid;
  store.unreadPeople.delete(openid);
  await people();
  await phone.showScreen();
}

async function chooseGroup(chatId) {
  store.chatId = chatId;
  store.unreadGroups.delete(chatId);
  showNews();
  await groups.showGroup();
}

function showNews() {
  groups.showGroups(chooseGroup);
  showStrip(chooseGroup);
  boardSoon();
}

async function look() {
  await refresh();
  showTime(store.time);
}

async function people() {
  await look();
  phone.showPeople(chooseResident);
  showFaults();
}

async function everything() {
  await look();
  const first = store.residents.find((each) => each.nickname === store.home.nickname) ?? store.residents[0];
  const openid = store.openid || first?.openid || (await api.newResident(store.home.nickname)).openid;
  await Promise.all([chooseResident(openid), chooseGroup(store.chatId || store.home.chat_id || store.groups[0]?.chat_id || ""), loadLedger()]);
}

function residentSaw({ openid, item }) {
  if (openid === store.openid) phone.showItem(item);
  else if (item.side !== "person") store.unreadPeople.add(openid);
  peopleSoon();
}

// Many things at once (a burst of messages) ask for one refresh only.
let waiting = 0;
function peopleSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(people, 120);
}

let board = 0;
function boardSoon() {
  clearTimeout(board);
  if (!$("board").hidden) board = setTimeout(() => showBoard(chooseGroup), 200);
}

function startOver() {
  store.unreadPeople.clear();
  store.unreadGroups.clear();
  everything();
}

function groupSaw({ chat_id: chatId, item }) {
  noteCard(chatId, item);
  const here = chatId === store.chatId;
  if (here) groups.showItem(item);
  else if (item.side !== "person") store.unreadGroups.set(chatId, (store.unreadGroups.get(chatId) ?? 0) + 1);
  showNews();
  if (here || item.side === "person" || inStrip(chatId)) return undefined;
  const name = store.groups.find((each) => each.chat_id === chatId)?.name ?? chatId;
  return toast(`“${name}”有新消息`, "去看这个群", () => chooseGroup(chatId));
}

phone.setUpPhone(people);
groups.setUpGroups(chooseGroup);
setUpWire();
setUpClock();
$("board-toggle").addEventListener("click", () => {
  $("board").hidden = !$("board").hidden;
  $("board-toggle").ariaExpanded = String(!$("board").hidden);
  boardSoon();
});
$("forget").addEventListener("click", () => api.forget());
api.live(
  { resident: residentSaw, group: groupSaw, ledger: ({ entry }) => addEntry(entry), people: peopleSoon, faults: peopleSoon, reset: startOver, clock: showTime },
  (linked) => {
    $("link-state").textContent = linked ? "已连接" : "断开了，正在重连…";
    $("link-state").classList.toggle("bad", !linked);
    if (linked) everything();
  },
);
