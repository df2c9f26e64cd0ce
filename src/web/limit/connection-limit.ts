/**
 * Limits of requests under way in front of a route: a request counts from when its head was read until it is over.
 * Source: nginx, ngx_http_limit_conn_module.
 */
import type { FaultKind } from '../../base/index.ts';
import { type Context, type Handler, LIMITED, NEXT, type Outcome } from '../../pipeline/index.ts';
import { BUSY, type ConcurrencyZone, PASS, REFUSED, UNCOUNTED } from '../../zone/index.ts';
import { WEB_FAULTS } from '../faults.ts';
import type { Alarm } from './alarm.ts';
import type { AwayLimits } from './away.ts';
import type { Hold, Holds } from './holds.ts';
import { refusalKind, refuse } from './limit-log.ts';
import type { LimitZone } from './limit-zone.ts';
import { lookAgain } from './look-again.ts';
import type { LimitConnectionsModel, LimitLogLevel } from './options.ts';
import { goOn, pause } from './pause.ts';
import type { LimitManner } from './request-limit.ts';

/** One entry of `limitConnections`, its zone found. */
export interface ConnectionLimitModel extends Omit<LimitConnectionsModel, 'zone'> {
  readonly zone: LimitZone<ConcurrencyZone>;
}

/** What limits need from their thread. */
export interface ConnectionLimitPorts {
  readonly away: AwayLimits;
  readonly alarm: Alarm;
  readonly holds: Holds;
}

/** See the head of this file. */
export class ConnectionLimit implements Handler {
  readonly name = 'limit-connections';
  readonly phase = 'limit';
  readonly #limits: readonly ConnectionLimitModel[];
  readonly #dryRun: boolean;
  readonly #level: LimitLogLevel;
  readonly #kind: FaultKind;
  readonly #ports: ConnectionLimitPorts;
  // Of the request that is looked at.
  readonly #keys: string[];

  constructor(
    limits: readonly ConnectionLimitModel[],
    manner: LimitManner,
    ports: ConnectionLimitPorts,
  ) {
    this.#limits = limits;
    this.#dryRun = manner.dryRun;
    this.#level = manner.level;
    this.#kind = refusalKind(WEB_FAULTS['connections-limited'], manner.status, manner.level);
    this.#ports = ports;
    this.#keys = limits.map(() => '');
  }

  handle(context: Context): Outcome {
    if (context.connectionLimit !== LIMITED.none) return NEXT;
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

  #at(index: number): ConnectionLimitModel {
    return this.#limits[index] as ConnectionLimitModel;
  }

  #decide(context: Context, keys: readonly string[], looks: number): Outcome {
    const { holds } = this.#ports;
    let hold: Hold | null = null;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] ?? '';
      if (key === '') continue;
      const { zone, max } = this.#at(at);
      const token = zone.counts.acquire(key, max);
      if (token === REFUSED || token === BUSY) {
        if (hold !== null) holds.release(hold);
        return token === BUSY ? this.#lookAgain(context, keys, looks) : this.#refuse(context, at);
      }
      hold ??= holds.take();
      hold.add(zone, token, key);
    }
    context.connectionLimit = LIMITED.passed;
    if (hold !== null) context.atEnd(hold);
    return NEXT;
  }

  #refuse(context: Context, limit: number): Outcome {
    const detail = `zone ${JSON.stringify(this.#limits[limit]?.zone.name ?? '')}`;
    if (this.#dryRun) {
      context.connectionLimit = LIMITED.rejectedInDryRun;
      context.errorLog.log(
        this.#level,
        `Dry run: the request would be refused: ${detail}`,
        context,
      );
      return NEXT;
    }
    context.connectionLimit = LIMITED.rejected;
    return refuse(context, this.#kind, detail);
  }

  #ask(context: Context, keys: readonly string[]): Outcome {
    const { away, holds } = this.#ports;
    const limits = this.#limits.map(({ zone, max }, at) => {
      return { zone: zone.name, identity: zone.identity, key: keys[at] ?? '', max };
    });
    const id = away.ask({ kind: 'connections', limits }, (verdict) => {
      goOn(context, () => {
        if (verdict === 'here') return this.#decide(context, keys, 0);
        if (verdict === null) return NEXT;
        if (verdict.wait !== PASS) return this.#refuse(context, verdict.limit);
        const hold = holds.take();
        hold.id = id;
        for (const [at, { zone }] of this.#limits.entries())
          hold.add(zone, UNCOUNTED, keys[at] ?? '');
        context.connectionLimit = LIMITED.passed;
        context.atEnd(hold);
        return NEXT;
      });
    });
    return pause(context, () => {
      away.giveBack(id);
    });
  }
}
