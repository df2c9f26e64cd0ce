import type { PrintWriter, ResponseStream, ServletOutputStream } from '../../api/index.ts';

/** Where the streams of a response write to: the response itself. */
export interface ResponseBody {
  writeText(text: string): void;
  writeBytes(bytes: Uint8Array): void;
  readonly isReady: boolean;
  ready(): Promise<void>;
  flushBuffer(): void;
  close(): void;
}

/** What both streams of a response have. */
class BodyEnd implements ResponseStream {
  protected readonly body: ResponseBody;

  constructor(body: ResponseBody) {
    this.body = body;
  }

  isReady(): boolean {
    return this.body.isReady;
  }

  ready(): Promise<void> {
    return this.body.ready();
  }

  flush(): void {
    this.body.flushBuffer();
  }

  close(): void {
    this.body.close();
  }
}

/** Bytes on their way into the response: what `getOutputStream` gives. */
export class BodyStream extends BodyEnd implements ServletOutputStream {
  write(data: Uint8Array | string): void {
    if (typeof data === 'string') this.body.writeText(data);
    else this.body.writeBytes(data);
  }

  print(text: string): void {
    this.body.writeText(text);
  }

  println(text = ''): void {
    this.body.writeText(`${text}\r\n`);
  }
}

/** Text on its way into the response: what `getWriter` gives. */
export class BodyWriter extends BodyEnd implements PrintWriter {
  write(text: string): void {
    this.body.writeText(text);
  }

  print(value: unknown): void {
    this.body.writeText(String(value));
  }

  println(value: unknown = ''): void {
    this.body.writeText(`${String(value)}\n`);
  }
}
