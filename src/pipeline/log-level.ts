/** How grave an entry of the error log is, from the least to the most, as in nginx and syslog. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warn',
  'error',
  'crit',
  'alert',
  'emerg',
] as const;

/** The gravity of one entry; a log has a least one, below which nothing is written. */
export type LogLevel = (typeof LOG_LEVELS)[number];
