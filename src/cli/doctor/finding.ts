/** What a check of `daemun doctor` has found. */

/** `note` may be meant so; `problem` keeps the server from doing what its configuration says. */
export type Level = 'ok' | 'note' | 'problem';

/** One thing that was looked at. */
export type Finding =
  | { readonly level: 'ok'; readonly check: string; readonly what: string }
  | {
      readonly level: Exclude<Level, 'ok'>;
      /** The name of the check, a word or two. */
      readonly check: string;
      readonly what: string;
      /** What comes of it when it stays so. */
      readonly why: string;
      /** Commands, a line each; a line that begins with `#` is for a person. */
      readonly cure: string;
    };
