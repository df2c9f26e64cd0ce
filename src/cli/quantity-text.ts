/** Numbers as a person reads them at a terminal: short, with their unit. */

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const COUNT_UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** A count with a comma between thousands: `1,234,567`. */
export function countText(count: number): string {
  return String(Math.round(count)).replaceAll(/(?<=[0-9])(?=(?:[0-9]{3})+$)/g, ',');
}

/** A count in at most six characters: `9,999`, then `12.3k`, `1.2M`. */
export function shortCountText(count: number): string {
  return Math.round(count) < 10_000 ? countText(count) : scaled(count, 1000, COUNT_UNITS, '');
}

/** Bytes in units of 1024, at most four digits: `512 B`, `1.5 KiB`, `1023 MiB`. */
export function sizeText(bytes: number): string {
  return Math.round(bytes) < 1024 ? `${Math.round(bytes)} B` : scaled(bytes, 1024, SIZE_UNITS, ' ');
}

function scaled(value: number, step: number, units: readonly string[], gap: string): string {
  let rest = value;
  let unit = 0;
  // Rounded first: 1023.96 KiB are 1 MiB, not 1024.0 KiB.
  while (unit < units.length - 1 && Number(digits(rest)) >= step) {
    rest /= step;
    unit++;
  }
  return `${digits(rest)}${gap}${units[unit]}`;
}

function digits(value: number): string {
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

const AGE_UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** Milliseconds of an age in its two largest units: `45s`, `12m 5s`, `3h 20m`, `4d 2h`. What has not begun a second is `0s`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const at = AGE_UNITS.findIndex(([, size]) => seconds >= size);
  const [name, size] = AGE_UNITS[at] ?? ['s', 1];
  const whole = `${Math.floor(seconds / size)}${name}`;
  if (at === -1) return whole;
  const [lower, lowerSize] = AGE_UNITS[at + 1] ?? ['s', 1];
  const rest = Math.floor((seconds % size) / lowerSize);
  return rest === 0 ? whole : `${whole} ${rest}${lower}`;
}

/** A short time in milliseconds, or in seconds from one on: `0 ms`, `12 ms`, `2.3 s`. */
export function shortTimeText(ms: number): string {
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return ms < 99_950 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 1000).toFixed(0)} s`;
}

/** `1 connection`, `2 connections`; the plural is the noun with an `s` unless said. */
export function countedText(count: number, noun: string, plural = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`;
}
