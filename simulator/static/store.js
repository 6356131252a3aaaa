// What the page knows; the server is the truth, this is its echo.
import * as api from "./api.js";

export const store = {
  account_name: "", bot_name: "", residents: [], groups: [], names: {}, faults: [], home: {},
  openid: "", chatId: "", quote: null,
  unreadPeople: new Set(), unreadGroups: new Map(),
};

export async function refresh() {
  Object.assign(store, await api.state());
}

// What a new card says is known at once; the next refresh brings the same.
export function noteCard(chatId, item) {
  const told = store.groups.find((each) => each.chat_id === chatId);
  const lines = plain(item.text);
  if (told && item.side === "push") Object.assign(told, { last: { at: item.at, lines: lines.slice(0, 2) }, cards: told.cards + 1 });
}

const plain = (text) => text.split("\n").map((line) => line.replace(/<[^>]*>|[*`\\]|^[>#] +/g, "").trim()).filter(Boolean);

export const resident = () => store.residents.find((each) => each.openid === store.openid);
export const group = () => store.groups.find((each) => each.chat_id === store.chatId);
