/**
 * HTTP-date (RFC 9110 §5.6.7) to and from seconds since 1970-01-01T00:00:00Z.
 *
 * Reading takes the three forms of the RFC byte by byte, case-sensitive and to the last byte. The
 * day of the week has to be one of the seven names in the right spelling, but is not compared
 * with the date: nginx does not look at it either, and a client that gets it wrong means the date.
 *
 * The calendar is computed (proleptic Gregorian): `Date` would read local formats of its own and
 * would make an object per call.
 */

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const LONG_WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;
/** Names of the months as HTTP dates and access logs spell them, January first (RFC 9110 section 5.6.7). */
export const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

const DAY = 86_400;
const TWO_DIGITS = twoDigitTexts();

/** 9999-12-31T23:59:59Z, the last second that has a four-digit year. */
export const LATEST_HTTP_DATE = 253_402_300_799;

let cachedSecond = NaN;
let cachedText = '';
let cachedDay = -1;
let cachedDayText = '';

function twoDigitTexts(): readonly string[] {
  const texts: string[] = [];
  for (let number = 0; number < 100; number++) {
    texts.push(String.fromCharCode(0x30 + Math.floor(number / 10), 0x30 + (number % 10)));
  }
  return texts;
}

function twoDigits(number: number): string {
  return TWO_DIGITS[number] ?? '';
}

/** Days from 1970-01-01 to the date; month is 1–12. A day past the month's end runs on. */
function daysFromDate(year: number, month: number, day: number): number {
  // Years counted from March put the leap day last, so that it disturbs no month's offset.
  const marchYear = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(marchYear / 400);
  const yearOfCycle = marchYear - cycle * 400;
  const monthFromMarch = month <= 2 ? month + 9 : month - 3;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfCycle =
    yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * 146_097 + dayOfCycle - 719_468;
}

/** The date `days` after 1970-01-01 as one integer, year * 10000 + month * 100 + day. */
function dateFromDays(days: number): number {
  const shifted = days + 719_468;
  const cycle = Math.floor(shifted / 146_097);
  const dayOfCycle = shifted - cycle * 146_097;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0);
  return year * 10_000 + month * 100 + day;
}

function formatDay(days: number): string {
  const date = dateFromDays(days);
  const year = Math.floor(date / 10_000);
  const month = Math.floor(date / 100) % 100;
  // 1970-01-01 was a Thursday.
  return (
    `${WEEKDAYS[(days + 4) % 7] ?? ''}, ${twoDigits(date % 100)} ${MONTHS[month - 1] ?? ''} ` +
    `${twoDigits(Math.floor(year / 100))}${twoDigits(year % 100)} `
  );
}

/**
 * The IMF-fixdate of an instant in seconds since the epoch, such as
 * `Sun, 06 Nov 1994 08:49:37 GMT`. A fraction of a second is dropped; instants before 1970 become
 * the epoch and those after the year 9999 (`LATEST_HTTP_DATE`) that year's last second, since the
 * form has four digits for the year. NaN becomes the epoch.
 */
export function formatHttpDate(epochSeconds: number): string {
  let seconds = 0;
  if (epochSeconds >= LATEST_HTTP_DATE) seconds = LATEST_HTTP_DATE;
  else if (epochSeconds > 0) seconds = Math.floor(epochSeconds);
  const days = Math.floor(seconds / DAY);
  if (days !== cachedDay) {
    cachedDayText = formatDay(days);
    cachedDay = days;
  }
  const second = seconds - days * DAY;
  return (
    cachedDayText +
    twoDigits(Math.floor(second / 3600)) +
    ':' +
    twoDigits(Math.floor(second / 60) % 60) +
    ':' +
    twoDigits(second % 60) +
    ' GMT'
  );
}

/**
 * `formatHttpDate` that keeps its last answer: for the Date field, which asks for the same second
 * over and over. Takes whole seconds; use `formatHttpDate` for Last-Modified and the like, so as
 * not to push the current second out.
 */
export function httpDate(epochSeconds: number): string {
  if (epochSeconds !== cachedSecond) {
    cachedText = formatHttpDate(epochSeconds);
    cachedSecond = epochSeconds;
  }
  return cachedText;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The two digits at `at` as a number, or -1. */
function readTwoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function readYear(text: string, at: number): number {
  const century = readTwoDigits(text, at);
  const rest = readTwoDigits(text, at + 2);
  return century === -1 || rest === -1 ? -1 : century * 100 + rest;
}

/** The month 1–12 whose three-letter name stands at `at`, or -1. */
function readMonth(text: string, at: number): number {
  for (let month = 0; month < 12; month++) {
    if (text.startsWith(MONTHS[month] ?? '', at)) return month + 1;
  }
  return -1;
}

/** The second of the day of `HH:MM:SS` at `at`, or -1; 23:59:60, a leap second, is 86400. */
function readTime(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== 0x3a || text.charCodeAt(at + 5) !== 0x3a) return -1;
  const hour = readTwoDigits(text, at);
  const minute = readTwoDigits(text, at + 3);
  const second = readTwoDigits(text, at + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0) return -1;
  if (second > 59 && !(second === 60 && minute === 59 && hour === 23)) return -1;
  return hour * 3600 + minute * 60 + second;
}

function startsWithAny(text: string, words: readonly string[]): string | null {
  for (const word of words) {
    if (text.startsWith(word)) return word;
  }
  return null;
}

function assemble(year: number, month: number, day: number, time: number): number {
  if (year < 0 || month < 1 || day < 1 || time < 0 || day > daysInMonth(year, month)) return -1;
  return Math.max(0, daysFromDate(year, month, day) * DAY + time);
}

/**
 * A two-digit year: of the years that end so, the latest that does not put the instant more than
 * 50 years after `now`.
 */
function fullYear(
  lastDigits: number,
  month: number,
  day: number,
  time: number,
  now: number,
): number {
  const today = dateFromDays(Math.floor(now / DAY));
  const thisYear = Math.floor(today / 10_000);
  const horizon =
    daysFromDate(thisYear + 50, Math.floor(today / 100) % 100, today % 100) * DAY +
    (now - Math.floor(now / DAY) * DAY);
  let year = thisYear - (thisYear % 100) + 100 + lastDigits;
  while (daysFromDate(year, month, day) * DAY + time > horizon) year -= 100;
  return year;
}

/** `Sun Nov  6 08:49:37 1994` */
function parseAsctime(text: string): number {
  if (text.length !== 24 || startsWithAny(text, WEEKDAYS) === null) return -1;
  if (text.charCodeAt(3) !== 0x20 || text.charCodeAt(7) !== 0x20) return -1;
  if (text.charCodeAt(10) !== 0x20 || text.charCodeAt(19) !== 0x20) return -1;
  const ones = text.charCodeAt(9) - 0x30;
  const padded = text.charCodeAt(8) === 0x20 && ones >= 0 && ones <= 9;
  const day = padded ? ones : readTwoDigits(text, 8);
  return assemble(readYear(text, 20), readMonth(text, 4), day, readTime(text, 11));
}

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
function parseRfc850(text: string, now: number): number {
  const weekday = startsWithAny(text, LONG_WEEKDAYS);
  if (weekday === null) return -1;
  const at = weekday.length;
  if (text.length !== at + 24 || !text.startsWith(', ', at) || !text.endsWith(' GMT')) return -1;
  if (text.charCodeAt(at + 4) !== 0x2d || text.charCodeAt(at + 8) !== 0x2d) return -1;
  if (text.charCodeAt(at + 11) !== 0x20) return -1;
  const day = readTwoDigits(text, at + 2);
  const month = readMonth(text, at + 5);
  const lastDigits = readTwoDigits(text, at + 9);
  const time = readTime(text, at + 12);
  if (day === -1 || month === -1 || lastDigits === -1 || time === -1) return -1;
  return assemble(fullYear(lastDigits, month, day, time, now), month, day, time);
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
function parseImfFixdate(text: string): number {
  if (startsWithAny(text, WEEKDAYS) === null || !text.endsWith(' GMT')) return -1;
  if (text.charCodeAt(4) !== 0x20 || text.charCodeAt(7) !== 0x20) return -1;
  if (text.charCodeAt(11) !== 0x20 || text.charCodeAt(16) !== 0x20) return -1;
  const day = readTwoDigits(text, 5);
  return assemble(readYear(text, 12), readMonth(text, 8), day, readTime(text, 17));
}

/**
 * The instant an HTTP-date names, in seconds since the epoch, or -1 when the text is none.
 *
 * `now`, in seconds since the epoch, serves the RFC 850 form alone: its two-digit year is never
 * more than 50 years ahead. A valid date before 1970 becomes 0, so that "long ago" is not taken
 * for "no date". 23:59:60 is taken as the second after it; nginx refuses it.
 */
export function parseHttpDate(text: string, now: number): number {
  if (text.charCodeAt(3) !== 0x2c) {
    return text.charCodeAt(3) === 0x20 ? parseAsctime(text) : parseRfc850(text, now);
  }
  return text.length === 29 ? parseImfFixdate(text) : -1;
}
