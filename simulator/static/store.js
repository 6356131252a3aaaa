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

export const resident = () => store.residents.find((each) => each.openid === store.openid);
export const group = () => store.groups.find((each) => each.chat_id === store.chatId);
