/** The socket of the administration, which outlives server processes as those of the sites do. */
import type { ConfigModel } from '../config/index.ts';
import { type Endpoint, endpointText } from '../schema/index.ts';
import type { AdminGrant, AdminPass } from '../server/port.ts';
import {
  ADMIN_MODE,
  adminEndpoint,
  adminPass,
  adminText,
  prepareRunDirectory,
} from './admin-place.ts';
import {
  grantsOf,
  type InheritedSocket,
  ListenSockets,
  type SocketPlan,
} from './listen-sockets.ts';

/** The administration of one configuration. */
export interface AdminPlan {
  readonly endpoint: Endpoint;
  readonly pass: AdminPass;
  readonly plan: SocketPlan;
}

/** See the head of this file. */
export class AdminSocket {
  readonly #sockets = new ListenSockets(ADMIN_MODE);
  readonly #configFile: string | null;
  readonly #onTrouble: (sentence: string) => void;

  /** `onTrouble` hears that there is no administration where nobody asked for a place in particular. */
  constructor(configFile: string | null, onTrouble: (sentence: string) => void) {
    this.#configFile = configFile;
    this.#onTrouble = onTrouble;
  }

  /** Takes over the socket of another supervisor. */
  adopt(inherited: readonly InheritedSocket[]): void {
    this.#sockets.adopt(inherited.filter(({ admin }) => admin === true));
  }

  /** What another supervisor adopts. */
  inheritance(): readonly InheritedSocket[] {
    return this.#sockets.inheritance().map((socket) => ({ ...socket, admin: true }));
  }

  /**
   * Opens what a configuration says of its administration; null where it has none. Throws an error that says what is
   * wrong.
   */
  async open(config: ConfigModel): Promise<AdminPlan | null> {
    const endpoint = adminEndpoint(config, this.#configFile);
    if (endpoint === null) return null;
    const { admin } = config;
    // A place that nobody named is made; one that was named is for who named it.
    if (admin === undefined && endpoint.kind === 'unix') {
      try {
        prepareRunDirectory(endpoint.path);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        this.#onTrouble(`The administration is off: ${said}`);
        return null;
      }
    }
    const pass = adminPass(endpoint, typeof admin === 'object' ? admin.tokenFile : undefined);
    const key = endpointText(endpoint);
    const plan = await this.#sockets.open([{ key, target: endpoint }], 1);
    if ('added' in plan) return { endpoint, pass, plan };
    const [fault] = plan;
    throw new Error(
      fault?.code === 'EADDRINUSE'
        ? `Another server has its administration at ${adminText(endpoint)} already, perhaps with this very configuration`
        : `The administration cannot listen at ${adminText(endpoint)}: ${fault?.message}`,
    );
  }

  /** Another supervisor has it as well, or no longer. */
  share(on: boolean): void {
    this.#sockets.share(on);
  }

  /** This is the administration from now on. */
  keep(admin: AdminPlan | null): void {
    this.#sockets.keep(admin?.plan ?? { addresses: new Map(), added: [] });
  }

  /** Closes what was opened for a configuration that is not served in the end. */
  discard(admin: AdminPlan | null): void {
    if (admin !== null) this.#sockets.discard(admin.plan);
  }

  /** Closes the socket; with `release` it is left to another supervisor. */
  close(release: boolean): void {
    this.#sockets.close(release);
  }
}

/** Whether a server process that has the one can go on with the other: it has the same socket, and asks for the same token. */
export function isSameAdmin(a: AdminPlan | null, b: AdminPlan | null): boolean {
  return textOf(a) === textOf(b);
}

function textOf(admin: AdminPlan | null): string {
  return admin === null ? '' : `${endpointText(admin.endpoint)} ${JSON.stringify(admin.pass)}`;
}

/** What a server process inherits of the administration, and what it is told of it; `at` is the number that it gets there. */
export function adminGrantOf(
  admin: AdminPlan | null,
  at: number,
): { readonly inherited: readonly number[]; readonly grant: AdminGrant | null } {
  if (admin === null) return { inherited: [], grant: null };
  const { endpoint, pass, plan } = admin;
  return {
    inherited: grantsOf(plan, 1, at).inherited,
    grant: { descriptor: at, unixPath: endpoint.kind === 'unix' ? endpoint.path : null, pass },
  };
}
