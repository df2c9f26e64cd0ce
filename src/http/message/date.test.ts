import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { LATEST_HTTP_DATE, formatHttpDate, httpDate, parseHttpDate } from './date.ts';

const NOW = 1_767_225_600; // 2026-01-01T00:00:00Z

function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

test('an instant is written as IMF-fixdate', () => {
  assert.equal(formatHttpDate(784_111_777), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(formatHttpDate(0), 'Thu, 01 Jan 1970 00:00:00 GMT');
  assert.equal(formatHttpDate(86_399), 'Thu, 01 Jan 1970 23:59:59 GMT');
  assert.equal(formatHttpDate(86_400), 'Fri, 02 Jan 1970 00:00:00 GMT');
  assert.equal(formatHttpDate(utc(2000, 2, 29)), 'Tue, 29 Feb 2000 00:00:00 GMT');
  assert.equal(formatHttpDate(utc(2100, 2, 28) + 86_400), 'Mon, 01 Mar 2100 00:00:00 GMT');
  assert.equal(formatHttpDate(LATEST_HTTP_DATE), 'Fri, 31 Dec 9999 23:59:59 GMT');
});

test('instants outside the form are held at its ends and fractions dropped', () => {
  const first = 'Thu, 01 Jan 1970 00:00:00 GMT';
  const last = 'Fri, 31 Dec 9999 23:59:59 GMT';
  for (const before of [-1, -0.5, 0.999, -Infinity, NaN]) {
    assert.equal(formatHttpDate(before), first);
  }
  for (const after of [LATEST_HTTP_DATE + 0.5, LATEST_HTTP_DATE + 1, Infinity]) {
    assert.equal(formatHttpDate(after), last);
  }
  assert.equal(httpDate(-1), first);
});

test('writing agrees with the calendar of the platform', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LATEST_HTTP_DATE }), (seconds) => {
      assert.equal(formatHttpDate(seconds), new Date(seconds * 1000).toUTCString());
    }),
  );
});

test('the cached date follows the second in both directions', () => {
  const base = utc(2026, 12, 31, 23, 59, 58);
  const texts = [0, 0, 1, 2, 1, 86_402, 0].map((step) => httpDate(base + step));
  assert.deepEqual(
    texts,
    [0, 0, 1, 2, 1, 86_402, 0].map((step) => new Date((base + step) * 1000).toUTCString()),
  );
});

test('all three forms are read', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'Sun Nov 06 08:49:37 1994',
  ]) {
    assert.equal(parseHttpDate(text, NOW), 784_111_777, text);
  }
  assert.equal(parseHttpDate('Wed Nov 16 08:49:37 1994', NOW), 784_111_777 + 10 * 86_400);
  assert.equal(parseHttpDate('Wednesday, 09-Nov-94 08:49:37 GMT', NOW), 784_111_777 + 3 * 86_400);
});

test('the weekday is not compared with the date but has to be a weekday', () => {
  for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) {
    assert.equal(parseHttpDate(`${day}, 06 Nov 1994 08:49:37 GMT`, NOW), 784_111_777);
    assert.equal(parseHttpDate(`${day} Nov  6 08:49:37 1994`, NOW), 784_111_777);
  }
  for (const day of ['Xyz', 'sun', 'SUN', '   ', 'Su,']) {
    assert.equal(parseHttpDate(`${day}, 06 Nov 1994 08:49:37 GMT`, NOW), -1, day);
  }
  for (const day of ['Sun', 'sunday', 'Sundays', 'Someday', '']) {
    assert.equal(parseHttpDate(`${day}, 06-Nov-94 08:49:37 GMT`, NOW), -1, day);
  }
});

test('changing any byte but the weekday for a foreign one makes a date invalid', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'Sun Nov 16 08:49:37 1994',
  ]) {
    for (let at = 0; at < text.length; at++) {
      for (const foreign of ['x', '\0', '\t', '/', ':', '\xb2', '-', ' ', ',']) {
        if (text[at] === foreign) continue;
        // A blank in the first place of the asctime day is the one other spelling.
        if (foreign === ' ' && at === 8 && text.length === 24) continue;
        const changed = text.slice(0, at) + foreign + text.slice(at + 1);
        assert.equal(parseHttpDate(changed, NOW), -1, JSON.stringify(changed));
      }
    }
    for (let end = 0; end < text.length; end++) {
      assert.equal(parseHttpDate(text.slice(0, end), NOW), -1);
    }
    for (const around of [`${text} `, ` ${text}`, `${text}; length=1`, `${text}0`]) {
      assert.equal(parseHttpDate(around, NOW), -1, around);
    }
  }
  for (const other of [
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    '',
    '0',
    '784111777',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
  ]) {
    assert.equal(parseHttpDate(other, NOW), -1, other);
  }
});

test('the day has to exist in its month and year', () => {
  const months = [
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
  ];
  for (const year of [1970, 1999, 2000, 2023, 2024, 2100, 2400]) {
    for (let month = 1; month <= 12; month++) {
      const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
      for (const day of [0, 1, 28, 29, 30, 31, 32, 99]) {
        const text = `Mon, ${String(day).padStart(2, '0')} ${months[month - 1]} ${year} 00:00:00 GMT`;
        const expected = day >= 1 && day <= days ? utc(year, month, day) : -1;
        assert.equal(parseHttpDate(text, NOW), expected, text);
      }
    }
  }
  assert.equal(parseHttpDate('Thursday, 29-Feb-24 00:00:00 GMT', NOW), utc(2024, 2, 29));
  assert.equal(parseHttpDate('Thursday, 29-Feb-23 00:00:00 GMT', NOW), -1);
  assert.equal(parseHttpDate('Thu Feb 30 00:00:00 2024', NOW), -1);
});

test('the time of day has its limits and one leap second', () => {
  const at = (time: string): number => parseHttpDate(`Thu, 31 Dec 2026 ${time} GMT`, NOW);
  const day = utc(2026, 12, 31);
  assert.equal(at('00:00:00'), day);
  assert.equal(at('23:59:59'), day + 86_399);
  assert.equal(at('23:59:60'), day + 86_400);
  for (const bad of ['24:00:00', '23:60:00', '23:59:61', '22:59:60', '23:58:60', '00:00:60']) {
    assert.equal(at(bad), -1, bad);
  }
});

test('a date before 1970 is the epoch, not an error', () => {
  assert.equal(parseHttpDate('Wed, 31 Dec 1969 23:59:59 GMT', NOW), 0);
  assert.equal(parseHttpDate('Mon, 01 Jan 1900 00:00:00 GMT', NOW), 0);
  assert.equal(parseHttpDate('Sat, 01 Jan 0000 00:00:00 GMT', NOW), 0);
  assert.equal(parseHttpDate('Thu, 01 Jan 1970 00:00:01 GMT', NOW), 1);
  assert.equal(parseHttpDate('Fri, 31 Dec 9999 23:59:59 GMT', NOW), LATEST_HTTP_DATE);
});

test('a two-digit year is at most 50 years ahead', () => {
  const read = (text: string, now: number): number => parseHttpDate(`Monday, ${text} GMT`, now);
  const now = utc(2026, 6, 15, 12, 0, 0);
  assert.equal(read('15-Jun-76 11:59:59', now), utc(2076, 6, 15, 11, 59, 59));
  assert.equal(read('15-Jun-76 12:00:00', now), utc(2076, 6, 15, 12, 0, 0));
  assert.equal(read('15-Jun-76 12:00:01', now), utc(1976, 6, 15, 12, 0, 1));
  assert.equal(read('14-Jun-76 23:00:00', now), utc(2076, 6, 14, 23, 0, 0));
  assert.equal(read('01-Jan-77 00:00:00', now), utc(1977, 1, 1));
  assert.equal(read('01-Jan-27 00:00:00', now), utc(2027, 1, 1));
  assert.equal(read('01-Jan-00 00:00:00', now), utc(2000, 1, 1));
  assert.equal(read('01-Jan-99 00:00:00', now), utc(1999, 1, 1));
  // Near a century's end the next century is nearer than 50 years.
  assert.equal(read('01-Jan-01 00:00:00', utc(1999, 12, 31)), utc(2001, 1, 1));
  assert.equal(read('01-Jan-05 00:00:00', utc(2090, 1, 1)), utc(2105, 1, 1));
  assert.equal(read('01-Jan-50 00:00:00', utc(2000, 1, 1)), utc(2050, 1, 1));
  assert.equal(read('02-Jan-50 00:00:00', utc(2000, 1, 1)), 0, '1950 is before the epoch');
});

test('every form reads back what it writes', () => {
  const long = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LATEST_HTTP_DATE }), (seconds) => {
      const text = formatHttpDate(seconds);
      assert.equal(parseHttpDate(text, NOW), seconds);
      const [month, day] = [text.slice(8, 11), text.slice(5, 7)];
      const [year, time] = [text.slice(12, 16), text.slice(17, 25)];
      assert.equal(
        parseHttpDate(
          `${text.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
          NOW,
        ),
        seconds,
      );
      const weekday = long.find((name) => name.startsWith(text.slice(0, 3)));
      const rfc850 = `${weekday}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
      assert.equal(parseHttpDate(rfc850, seconds), seconds);
    }),
  );
});

test('arbitrary bytes give a whole number of seconds or -1', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('Sun', 'Sunday', ', ', '06', '-', ' ', 'Nov', '1994', '08:49:37', ' GMT'),
  );
  fc.assert(
    fc.property(fc.string({ unit }), fc.integer({ min: 0, max: 1e11 }), (text, now) => {
      const seconds = parseHttpDate(text, now);
      assert.ok(Number.isSafeInteger(seconds) && seconds >= -1);
    }),
  );
});
