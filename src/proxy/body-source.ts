import type { Fault } from '../base/index.ts';
import type { OutgoingCall } from '../http/message/index.ts';

/** Where the body of a request to a server comes from; a call may be begun more than once. */
export interface BodySource {
  /** Bytes of the body, 0 for none, or `UNKNOWN_LENGTH`. Asked behind `prepare`. */
  readonly length: number;
  /** Whether the body can be sent from its beginning, however much of it was sent already. */
  readonly repeatable: boolean;
  /** Calls `ready` when a call can be begun; at once where nothing has to be waited for. */
  prepare(ready: () => void): void;
  /** Sends the body by `call`, and ends it; there is no other call from now on. */
  sendTo(call: OutgoingCall): void;
  /** The call takes bytes again. */
  drain(): void;
  /** The call is over. */
  detach(): void;
  /** The request is over: lets go of everything that is held. */
  dispose(): void;
}

/** Hears when the body cannot be had: the client left, was too slow, or sent too much. */
export type OnBodyFault = (fault: Fault) => void;

/** For requests of length 0: ready at once, for as many servers as one likes. */
export const NO_BODY: BodySource = {
  length: 0,
  repeatable: true,
  prepare: (ready) => {
    ready();
  },
  sendTo: () => {},
  drain: () => {},
  detach: () => {},
  dispose: () => {},
};
