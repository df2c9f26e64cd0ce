/** The WebSocket examples of Tomcat through Daemun, frame by frame. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { freePort, startDaemun, type TestProcess } from '../support/process.ts';
import { startTomcat } from '../support/tomcat.ts';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

interface Message {
  readonly opcode: number;
  readonly data: Buffer;
}

/** A client that sends frames as RFC 6455 section 5 draws them and puts messages together. */
class WebSocketClient {
  readonly messages: Message[] = [];
  head = '';
  ended = false;
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #opcode = 0;
  #pieces: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#read();
    });
    socket.on('end', () => (this.ended = true));
    socket.on('error', () => (this.ended = true));
  }

  static async open(port: number, path: string, fields = ''): Promise<WebSocketClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new WebSocketClient(socket);
    await once(socket, 'connect');
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${fields}\r\n`,
    );
    await eventually('an answer to the handshake', () => client.head !== '' || client.ended);
    const accept = createHash('sha1')
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    assert.match(client.head, /^HTTP\/1\.1 101 /);
    assert.ok(client.head.includes(`\r\nSec-WebSocket-Accept: ${accept}\r\n`), client.head);
    assert.match(client.head, /\r\nUpgrade: websocket\r\n/i);
    assert.match(client.head, /\r\nConnection: upgrade\r\n/i);
    return client;
  }

  /** Sends one frame; `final` says whether it is the last of its message. */
  send(opcode: number, data: Buffer, final = true): void {
    const mask = randomBytes(4);
    const masked = Buffer.from(data.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
    const first = (final ? 0x80 : 0) | opcode;
    let head: Buffer;
    if (data.length < 126) head = Buffer.from([first, 0x80 | data.length]);
    else if (data.length < 65_536) {
      head = Buffer.from([first, 0x80 | 126, data.length >> 8, data.length & 255]);
    } else {
      head = Buffer.alloc(10);
      head.set([first, 0x80 | 127]);
      head.writeBigUInt64BE(BigInt(data.length), 2);
    }
    this.#socket.write(Buffer.concat([head, mask, masked]));
  }

  /** The next message; fails where there is none in time. */
  async next(): Promise<Message> {
    await eventually('a message', () => this.messages.length > 0 || this.ended);
    const message = this.messages.shift();
    assert.ok(message !== undefined, 'the connection ended without a message');
    return message;
  }

  async echoes(opcode: number, data: Buffer): Promise<void> {
    this.send(opcode, data);
    const message = await this.next();
    assert.equal(message.opcode, opcode);
    assert.ok(message.data.equals(data), `${data.length} bytes came back as they were`);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(): void {
    if (this.head === '') {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#unread.toString('latin1', 0, end + 4);
      this.#unread = this.#unread.subarray(end + 4);
    }
    for (;;) {
      const [first, second] = this.#unread;
      if (first === undefined || second === undefined) return;
      assert.equal(second & 0x80, 0, 'a server does not mask');
      let at = 2;
      let length = second & 0x7f;
      if (length === 126) {
        if (this.#unread.length < 4) return;
        length = this.#unread.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (this.#unread.length < 10) return;
        length = Number(this.#unread.readBigUInt64BE(2));
        at = 10;
      }
      if (this.#unread.length < at + length) return;
      this.#frame(first, this.#unread.subarray(at, at + length));
      this.#unread = this.#unread.subarray(at + length);
    }
  }

  #frame(first: number, data: Buffer): void {
    const opcode = first & 0x0f;
    if (opcode >= CLOSE) {
      this.messages.push({ opcode, data });
      return;
    }
    if (opcode !== 0) this.#opcode = opcode;
    this.#pieces.push(data);
    if ((first & 0x80) === 0) return;
    this.messages.push({ opcode: this.#opcode, data: Buffer.concat(this.#pieces) });
    this.#pieces = [];
  }
}

describe('Tomcat’s WebSocket examples', { skip: needs('tomcat10', 'tomcat10-examples') }, () => {
  let tomcat: TestProcess;
  let daemun: TestProcess;
  let port = 0;

  before(async () => {
    port = await freePort();
    const tomcatPort = await freePort();
    tomcat = await startTomcat(tomcatPort, { examples: true });
    try {
      daemun = await startDaemun(port, {
        threads: 1,
        logs: { access: 'off' },
        upstreams: { tomcat: { servers: [`http://127.0.0.1:${tomcatPort}`] } },
        sites: {
          '*': {
            listen: [`127.0.0.1:${port}`],
            routes: {
              '/': { proxy: 'tomcat', preserveHost: true },
              '/examples/websocket/chat': { proxy: 'tomcat', websocket: false },
            },
          },
        },
      });
    } catch (error) {
      await tomcat.stop();
      throw error;
    }
  });
  after(() => Promise.all([daemun.stop(), tomcat.stop()]));

  for (const name of ['echoProgrammatic', 'echoAnnotation', 'echoStreamAnnotation']) {
    test(`${name}: text and bytes of every kind of length, in one frame and in many`, async () => {
      const client = await WebSocketClient.open(port, `/examples/websocket/${name}`);
      for (const length of [1, 125, 126, 127, 4096, 65_535, 65_536]) {
        // oxlint-disable no-await-in-loop -- one message after the other
        await client.echoes(TEXT, Buffer.alloc(length, 'text'));
        await client.echoes(BINARY, randomBytes(length));
        // oxlint-enable no-await-in-loop
      }
      await client.echoes(TEXT, Buffer.from('대문 – naïve 🚪'));
      client.send(TEXT, Buffer.from('in '), false);
      client.send(0, Buffer.from('three '), false);
      client.send(0, Buffer.from('frames'));
      let text = '';
      while (text.length < 15) {
        // oxlint-disable-next-line no-await-in-loop -- an endpoint may answer each piece by itself
        text += (await client.next()).data.toString();
      }
      assert.equal(text, 'in three frames');
      client.destroy();
    });
  }

  test('ping is answered, and a close is answered and ends the connection', async () => {
    const client = await WebSocketClient.open(port, '/examples/websocket/echoAnnotation');
    client.send(PING, Buffer.from('are you there?'));
    assert.deepEqual(await client.next(), { opcode: PONG, data: Buffer.from('are you there?') });
    client.send(CLOSE, Buffer.from([0x03, 0xe8]));
    const { opcode, data } = await client.next();
    assert.equal(opcode, CLOSE);
    assert.equal(data.readUInt16BE(0), 1000);
    await eventually('the end of the connection', () => client.ended);
  });

  test('a first frame that comes with the handshake is not lost', async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    const client = new WebSocketClient(socket);
    socket.write(
      Buffer.concat([
        Buffer.from(
          'GET /examples/websocket/echoAnnotation HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\n' +
            'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
        ),
        // `hi`, masked with zeros
        Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]),
      ]),
    );
    assert.equal((await client.next()).data.toString(), 'hi');
    client.destroy();
  });

  test('many at a time do not mix', async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, () =>
        WebSocketClient.open(port, '/examples/websocket/echoAnnotation'),
      ),
    );
    await Promise.all(
      clients.map(async (client, at) => {
        for (let i = 0; i < 20; i++) {
          // oxlint-disable-next-line no-await-in-loop -- one message after the other
          await client.echoes(TEXT, Buffer.from(`client ${at}, message ${i}`));
        }
      }),
    );
    // Idle since, all of them: the tunnels stand.
    await Promise.all(clients.map((client) => client.echoes(BINARY, randomBytes(1000))));
    for (const client of clients) client.destroy();
  });

  test('a route without WebSocket lets nobody switch', async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(
      'GET /examples/websocket/chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await eventually('an answer', () => text.includes('\r\n\r\n'));
    socket.destroy();
    assert.match(text, /^HTTP\/1\.1 [45]\d\d /);
  });
});
