/** What a parser accepts at most. All are inclusive: exactly the limit is accepted. */
export interface H1Limits {
  /** Bytes of a request line or status line without its line end. nginx: `large_client_header_buffers`, 8k. */
  readonly requestLine: number;
  /** Bytes of a whole head, or of a trailer section, line ends included. */
  readonly head: number;
  /** Fields of a head, or of a trailer section. */
  readonly headerCount: number;
}

/** The limits of a listener that sets none: 8 KiB a line, 32 KiB a head, 200 fields. */
export const DEFAULT_H1_LIMITS: H1Limits = {
  requestLine: 8 * 1024,
  head: 32 * 1024,
  headerCount: 200,
};
