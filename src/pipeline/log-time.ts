/** The wall clock as logs write it. One formatting a second serves every line of that second. */
import type { Clock } from '../base/index.ts';
import { MONTHS } from '../http/message/index.ts';

/** Minutes that local time is ahead of UTC at an instant, in milliseconds since 1970. */
export type ZoneOffset = (wall: number) => number;

const machineZone: ZoneOffset = (wall) => -new Date(wall).getTimezoneOffset();

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** Texts for the current second, made when one is first asked for. */
export class LogTime {
  readonly #clock: Clock;
  readonly #zone: ZoneOffset;
  #second = NaN;
  #local = '';
  #iso = '';
  #stamp = '';

  /** `zone` is that of the machine (`TZ`) unless a test says otherwise. */
  constructor(clock: Clock, zone: ZoneOffset = machineZone) {
    this.#clock = clock;
    this.#zone = zone;
  }

  /** `20/Nov/2026:12:00:00 +0000`: `$time_local` of nginx, without brackets. */
  local(): string {
    this.#refresh();
    return this.#local;
  }

  /** `2026-11-20T12:00:00+00:00`: `$time_iso8601` of nginx. */
  iso(): string {
    this.#refresh();
    return this.#iso;
  }

  /** `2026/11/20 12:00:00`: what a line of the error log begins with. */
  stamp(): string {
    this.#refresh();
    return this.#stamp;
  }

  #refresh(): void {
    const wall = this.#clock.wall();
    const second = Math.floor(wall / 1000);
    if (second === this.#second) return;
    this.#second = second;
    const offset = this.#zone(wall);
    const date = new Date(second * 1000 + offset * 60_000);
    const year = String(date.getUTCFullYear());
    const month = date.getUTCMonth();
    const day = two(date.getUTCDate());
    const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
    const sign = offset < 0 ? '-' : '+';
    const ahead = Math.abs(offset);
    const hours = two(Math.floor(ahead / 60));
    const minutes = two(ahead % 60);
    this.#local = `${day}/${MONTHS[month] ?? ''}/${year}:${time} ${sign}${hours}${minutes}`;
    this.#iso = `${year}-${two(month + 1)}-${day}T${time}${sign}${hours}:${minutes}`;
    this.#stamp = `${year}/${two(month + 1)}/${day} ${time}`;
  }
}
