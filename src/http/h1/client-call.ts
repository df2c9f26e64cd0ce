import type { Fields } from '../message/fields.ts';
import { UNKNOWN_LENGTH } from '../message/request.ts';
import { type CallCarrier, SerialCall } from '../message/serial-call.ts';
import { chunkLine, fieldLines } from './head-writer.ts';

/** The connection as its call sees it. */
export interface H1CallCarrier extends CallCarrier {
  /** Bytes were written into the tunnel, which is thereby not idle. */
  tunnelWritten(): void;
  /** Our side of the tunnel ended. */
  tunnelEnded(call: H1ClientCall): void;
}

/** One request on a client connection: frames its body. */
export class H1ClientCall extends SerialCall<H1CallCarrier> {
  write(chunk: Uint8Array, start: number, end: number): boolean {
    const { carrier } = this;
    if (carrier === null || end === start) return true;
    const bytes = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
    if (this.tunnel) {
      if (this.requestEnded) return true;
      carrier.tunnelWritten();
      return carrier.put(bytes);
    }
    const { length } = this.request;
    if (length === UNKNOWN_LENGTH && this.requestEnded) return true;
    if (!this.count(carrier, bytes.length)) return true;
    if (length !== UNKNOWN_LENGTH) {
      const room = carrier.put(bytes);
      if (this.written === length) carrier.requestComplete(this);
      return room;
    }
    carrier.put(chunkLine(bytes.length));
    carrier.put(bytes);
    return carrier.put('\r\n');
  }

  end(trailers: Fields | null): void {
    const { carrier } = this;
    if (carrier === null || this.requestEnded) return;
    if (this.tunnel) {
      carrier.tunnelEnded(this);
      return;
    }
    if (this.request.length !== UNKNOWN_LENGTH) {
      this.tooShort(carrier);
      return;
    }
    carrier.put(trailers === null ? '0\r\n\r\n' : `0\r\n${fieldLines(trailers)}\r\n`);
    carrier.requestComplete(this);
  }
}
