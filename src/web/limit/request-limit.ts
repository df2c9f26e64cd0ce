/**
 * Limits of the rate of requests in front of a route. A request that has to wait holds nothing but itself: its body is not
 * read, and no descriptor is open. Source: nginx, ngx_http_limit_req_module.
 */
import type { FaultKind } from '../../base/index.ts';
import { type Context, type Handler, LIMITED, NEXT, type Outcome } from '../../pipeline/index.ts';
import { BUSY, PASS, RateLimits, type RateZone, REJECT } from '../../zone/index.ts';
import { WEB_FAULTS } from '../faults.ts';
import type { Alarm } from './alarm.ts';
import type { AwayLimits, LimitVerdict } from './away.ts';
import { lessThan, refusalKind, refuse } from './limit-log.ts';
import type { LimitZone } from './limit-zone.ts';
import { lookAgain } from './look-again.ts';
import type { LimitLogLevel, LimitRequestsModel } from './options.ts';
import { goOn, pause } from './pause.ts';

/** One entry of `limitRequests`, its zone found. */
export interface RequestLimitModel extends Omit<LimitRequestsModel, 'zone'> {
  readonly zone: LimitZone<RateZone>;
}

/** What the limits of a route do when they apply. */
export interface LimitManner {
  readonly status: number;
  readonly level: LimitLogLevel;
  readonly dryRun: boolean;
}

/** What limits need from their thread. */
export interface RequestLimitPorts {
  readonly away: AwayLimits;
  readonly alarm: Alarm;
}

/** See the head of this file. */
export class RequestLimit implements Handler {
  readonly name = 'limit-requests';
  readonly phase = 'limit';
  readonly #limits: readonly RequestLimitModel[];
  readonly #dryRun: boolean;
  readonly #level: LimitLogLevel;
  readonly #kind: FaultKind;
  readonly #ports: RequestLimitPorts;
  // Of the request that is looked at.
  readonly #keys: string[];
  #checks: RateLimits | null = null;

  constructor(limits: readonly RequestLimitModel[], manner: LimitManner, ports: RequestLimitPorts) {
    this.#limits = limits;
    this.#dryRun = manner.dryRun;
    this.#level = manner.level;
    this.#kind = refusalKind(WEB_FAULTS['requests-limited'], manner.status, manner.level);
    this.#ports = ports;
    this.#keys = limits.map(() => '');
  }

  handle(context: Context): Outcome {
    if (context.requestLimit !== LIMITED.none) return NEXT;
    const keys = this.#keys;
    let applies = false;
    for (let at = 0; at < keys.length; at++) {
      const key = this.#at(at).zone.key.evaluate(context);
      keys[at] = key;
      if (key !== '') applies = true;
    }
    if (!applies) return NEXT;
    return this.#look(context, keys, 0);
  }

  #look(context: Context, keys: readonly string[], looks: number): Outcome {
    return this.#ports.away.decides
      ? this.#ask(context, [...keys])
      : this.#decide(context, keys, looks);
  }

  #lookAgain(context: Context, written: readonly string[], looks: number): Outcome {
    const keys = [...written];
    return lookAgain(context, this.#ports.alarm, looks, () => this.#look(context, keys, looks + 1));
  }

  #at(index: number): RequestLimitModel {
    return this.#limits[index] as RequestLimitModel;
  }

  #decide(context: Context, keys: readonly string[], looks: number): Outcome {
    const checks = (this.#checks ??= rateLimitsOf(
      this.#limits.map(({ zone, ...limit }) => ({ zone: zone.counts, ...limit })),
    ));
    const wait = checks.check(keys);
    if (wait === PASS) {
      context.requestLimit = LIMITED.passed;
      return NEXT;
    }
    if (wait === BUSY) return this.#lookAgain(context, keys, looks);
    return this.#apply(context, { wait, limit: checks.limit, excess: checks.excess });
  }

  #apply(context: Context, { wait, limit, excess }: LimitVerdict): Outcome {
    if (wait === PASS) {
      context.requestLimit = LIMITED.passed;
      return NEXT;
    }
    const name = this.#limits[limit]?.zone.name ?? '';
    const detail = `excess ${thousandths(excess)} in zone ${JSON.stringify(name)}`;
    if (this.#dryRun) {
      context.requestLimit = wait === REJECT ? LIMITED.rejectedInDryRun : LIMITED.delayedInDryRun;
      const [what, level] =
        wait === REJECT
          ? (['refused', this.#level] as const)
          : (['delayed', lessThan(this.#level)] as const);
      context.errorLog.log(level, `Dry run: the request would be ${what}: ${detail}`, context);
      return NEXT;
    }
    if (wait === REJECT) {
      context.requestLimit = LIMITED.rejected;
      return refuse(context, this.#kind, detail);
    }
    context.requestLimit = LIMITED.delayed;
    context.errorLog.log(lessThan(this.#level), `The request is delayed: ${detail}`, context);
    const stop = this.#ports.alarm(wait, () => {
      context.resume();
    });
    return pause(context, stop);
  }

  #ask(context: Context, keys: readonly string[]): Outcome {
    const { away } = this.#ports;
    const limits = this.#limits.map(({ zone, burst, delay, noDelay }, at) => {
      return {
        zone: zone.name,
        identity: zone.identity,
        key: keys[at] ?? '',
        burst,
        delay,
        noDelay,
      };
    });
    const id = away.ask({ kind: 'requests', limits }, (verdict) => {
      goOn(context, () => {
        if (verdict === 'here') return this.#decide(context, keys, 0);
        return verdict === null ? NEXT : this.#apply(context, verdict);
      });
    });
    return pause(context, () => {
      away.giveBack(id);
    });
  }
}

/** The limits of a request over zones in shared memory. */
export function rateLimitsOf(
  limits: readonly (Omit<LimitRequestsModel, 'zone'> & { readonly zone: RateZone })[],
): RateLimits {
  return new RateLimits(
    limits.map(({ zone, burst, delay, noDelay }) => ({
      zone,
      burst,
      delay: noDelay ? Infinity : delay,
    })),
    { whenBusy: 'tell' },
  );
}

function thousandths(excess: number): string {
  return `${Math.floor(excess / 1000)}.${String(excess % 1000).padStart(3, '0')}`;
}
