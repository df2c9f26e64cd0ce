/** An error with its stack and its causes, for one line of a log; anything else that was thrown, as text. */
export function stackText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = (error.stack ?? String(error)).split('\n').map((line) => line.trim());
  const cause = error.cause === undefined ? '' : ` | caused by ${stackText(error.cause)}`;
  return stack.join(' | ') + cause;
}
