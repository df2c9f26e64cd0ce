/** The beginning of a TLS connection: from an accepted socket to one that carries plain bytes, within a time limit. */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type Deadlined, Fault, NEVER } from '../base/index.ts';
import { NET_FAULTS } from './faults.ts';
import type { WireThread } from './socket-wire.ts';

/** A certificate with what is made of it on first use: a thread may have thousands of which few are asked for. */
export class Certificate {
  readonly #certificate: string;
  readonly #key: string;
  #context: SecureContext | null = null;

  /** Of a certificate with its chain, and its private key, both PEM. */
  constructor(certificate: string, key: string) {
    this.#certificate = certificate;
    this.#key = key;
  }

  /** What OpenSSL serves it with. @throws Error of OpenSSL where the texts cannot be served. */
  get context(): SecureContext {
    this.#context ??= createSecureContext({
      // Nobody is asked for a certificate; without this Node would parse all roots that it knows, in the midst of serving.
      ca: [],
      cert: this.#certificate,
      key: this.#key,
      // RFC 8996: what is older is not to be spoken.
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
      // A client that asks for new keys again and again costs more than it pays (CVE-2011-1473); TLS 1.3 knows none.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
    return this.#context;
  }
}

/** What an address shows to clients that begin with TLS. */
export interface TlsFront {
  /** For clients that name no site, or none that is here. */
  readonly fallback: Certificate;
  /** The certificate for the name that a client asks for (SNI, RFC 6066 section 3). */
  readonly certificateFor: (serverName: string) => Certificate;
  /** Milliseconds until the handshake has to be complete. nginx: `client_header_timeout`. */
  readonly timeout: number;
}

/** Hears how a handshake ended: one of the two, once, inside of a turn. */
export interface HandshakeOutcome {
  /** Nobody listens to the socket yet. */
  onSecured(socket: TLSSocket): void;
  /** The connection is closed. */
  onHandshakeFailed(fault: Fault): void;
}

/** See the head of this file. */
export class TlsHandshake implements Deadlined {
  deadline: number;
  readonly #thread: WireThread;
  readonly #socket: TLSSocket;
  #outcome: HandshakeOutcome | null;

  /** Begins with a socket that was not read from. @throws Error of OpenSSL where the certificate cannot be served. */
  constructor(accepted: Socket, front: TlsFront, thread: WireThread, outcome: HandshakeOutcome) {
    this.#thread = thread;
    this.#outcome = outcome;
    this.#socket = new TLSSocket(accepted, {
      isServer: true,
      secureContext: front.fallback.context,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (serverName, done) => {
        try {
          done(null, front.certificateFor(serverName).context);
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
    });
    this.deadline = thread.clock.monotonic() + front.timeout;
    thread.deadlines.add(this);
    this.#socket.on('secure', this.#secured);
    this.#socket.on('error', this.#failed);
    this.#socket.on('close', this.#closed);
    // Who has sent FIN before its handshake is over wants nothing any more.
    this.#socket.on('end', this.#closed);
  }

  readonly #secured = (): void => {
    const socket = this.#socket;
    const outcome = this.#settle();
    // Its listener for errors stays: one that comes before the next is there must not end the thread.
    socket.off('secure', this.#secured);
    socket.off('close', this.#closed);
    socket.off('end', this.#closed);
    // Node only tells of a broken record then, and the peer could go on to send into memory that nobody counts.
    socket.on('_tlsError', (error: Error) => {
      socket.destroy(error);
    });
    this.#thread.turn.run(() => {
      try {
        outcome?.onSecured(socket);
      } catch (error) {
        socket.destroy();
        throw error;
      }
    });
  };

  readonly #failed = (error: NodeJS.ErrnoException): void => {
    this.#giveUp(new Fault(NET_FAULTS['tls-handshake'], 'tls', causeOf(error), error));
  };

  readonly #closed = (): void => {
    this.#giveUp(new Fault(NET_FAULTS['tls-handshake'], 'tls', 'the client left'));
  };

  onDeadline(): void {
    this.#giveUp(new Fault(NET_FAULTS['tls-timeout'], 'tls'));
  }

  #giveUp(fault: Fault): void {
    const outcome = this.#settle();
    if (outcome === null) return;
    this.#socket.destroy();
    this.#thread.turn.run(() => {
      outcome.onHandshakeFailed(fault);
    });
  }

  #settle(): HandshakeOutcome | null {
    const outcome = this.#outcome;
    this.#outcome = null;
    this.deadline = NEVER;
    this.#thread.deadlines.remove(this);
    return outcome;
  }

  /** Ends the connection; neither outcome is told. */
  cancel(): void {
    if (this.#settle() !== null) this.#socket.destroy();
  }
}

// OpenSSL's own words are long, and name source files of it.
function causeOf({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message;
}
