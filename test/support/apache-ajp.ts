import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What both ends know. */
export const AJP_SECRET = 'between-us';

/** One of Apache's two ways to speak AJP. */
export interface AjpFront {
  readonly modules: readonly string[];
  /**
   * The directives for containers on these ports, of which the second is asked when the first fails; packets have at
   * most `packet` bytes. Files go to `directory`. With `sticky` all are asked, and a session stays with the container
   * whose route, `w0`, `w1` and so on, stands behind its id.
   */
  readonly directives: (
    ports: readonly number[],
    packet: number,
    directory: string,
    sticky?: boolean,
  ) => string;
}

/** Apache's two ways to speak AJP. */
export const AJP_FRONTS: Readonly<Record<'mod_proxy_ajp' | 'mod_jk', AjpFront>> = {
  mod_proxy_ajp: {
    modules: ['proxy', 'proxy_ajp', 'proxy_balancer', 'lbmethod_byrequests', 'slotmem_shm'],
    directives: (ports, packet, _, sticky = false) => {
      const members = ports.map(
        (port, at) =>
          `BalancerMember ajp://127.0.0.1:${port} secret=${AJP_SECRET} ping=5 retry=1 route=w${at} ${at > 0 && !sticky ? 'status=+H' : ''}`,
      );
      return `ProxyIOBufferSize ${packet}
        LimitRequestFieldSize 65000
        <Proxy balancer://c>
          ${members.join('\n')}
        </Proxy>
        ProxyPass / balancer://c/ ${sticky ? 'stickysession=JSESSIONID' : ''}`;
    },
  },
  mod_jk: {
    modules: ['jk'],
    directives: (ports, packet, directory, sticky = false) => {
      const workers = join(directory, 'workers.properties');
      const names = ports.map((_, at) => `w${at}`);
      const own = ports.map(
        (port, at) => `worker.w${at}.type=ajp13
worker.w${at}.host=127.0.0.1
worker.w${at}.port=${port}
worker.w${at}.secret=${AJP_SECRET}
worker.w${at}.max_packet_size=${packet}
worker.w${at}.ping_mode=A
${at > 0 && !sticky ? `worker.w${at}.activation=D` : ''}
${at + 1 < ports.length && !sticky ? `worker.w${at}.redirect=w${at + 1}` : ''}
`,
      );
      const text = `worker.list=c
worker.c.type=lb
worker.c.balance_workers=${names.join(',')}
${own.join('')}`;
      writeFileSync(workers, text, { mode: 0o644 });
      return `JkWorkersFile ${workers}
        JkLogFile {dir}/jk.log
        JkShmFile {dir}/jk.shm
        LimitRequestFieldSize 65000
        JkMount /* c`;
    },
  },
};
