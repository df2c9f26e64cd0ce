import type { SerialSettings } from '../message/serial-connection.ts';
import type { H1Limits } from './limits.ts';

/** What the client connections to a back end have in common; without `keepAlive` each request says `Connection: close`. */
export interface H1ClientSettings extends SerialSettings {
  readonly limits: H1Limits;
  /** Whether LF alone ends a line of a response head, as old CGI programs write it. */
  readonly lenientLineEnds: boolean;
}
