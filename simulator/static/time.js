// The shown time: the world's clock, which may run ahead of the real one, and how moments are written.

// The people on this page live in China, wherever the reader's browser is.
const written = (parts) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", ...parts });
const TIME = written({ hour: "2-digit", minute: "2-digit" });
const EXACT = written({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = written({ month: "long", day: "numeric" });
const SHORT_DAY = written({ month: "numeric", day: "numeric" });
const WEEKDAY = written({ weekday: "short" });

let ahead = 0;

// `seconds` since 1970, as the world's clock shows them at this moment.
export function set(seconds) {
  ahead = seconds * 1000 - Date.now();
}

export const now = () => new Date(Date.now() + ahead);
export const day = (at) => `${DAY.format(at)} ${WEEKDAY.format(at)}`;
export const hour = (at) => TIME.format(at);
export const weekday = (at) => WEEKDAY.format(at);
export const sameDay = (one, other) => DAY.format(one) === DAY.format(other);

export function clock(seconds) {
  const at = new Date(seconds * 1000);
  return sameDay(at, now()) ? TIME.format(at) : `${DAY.format(at)} ${TIME.format(at)}`;
}

// The hour of today, or the day.
export function brief(seconds) {
  const at = new Date(seconds * 1000);
  return sameDay(at, now()) ? TIME.format(at) : SHORT_DAY.format(at);
}

export const exactClock = (seconds) => EXACT.format(new Date(seconds * 1000));
