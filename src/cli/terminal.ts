// A terminal that was closed, or a reader that went away, is no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** Writes text for the person at the terminal, or for the pipe in its place. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Writes text that is no result: problems, and what went wrong. */
export function printError(text: string): void {
  process.stderr.write(text);
}
