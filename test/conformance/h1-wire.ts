import {
  DEFAULT_H1_LIMITS,
  H1ClientProtocol,
  type H1ClientSettings,
} from '../../src/http/h1/index.ts';
import type { BackWire, BackWorld } from './back-wire.ts';
import { H1BackConnection } from './h1-scripted-back.ts';

/** HTTP/1.1, for the harnesses. */
export const h1Wire: BackWire = {
  name: 'HTTP/1.1',
  carries: { trailers: true, tunnels: true },
  protocol: (world) => new H1ClientProtocol(h1ClientTestSettings(world)),
  back: (number, stream, calls) => new H1BackConnection(number, stream, calls),
};

/** The settings of the harnesses for HTTP/1.1. */
export function h1ClientTestSettings({ clock, budget, defects }: BackWorld): H1ClientSettings {
  return {
    clock,
    budget,
    limits: DEFAULT_H1_LIMITS,
    lenientLineEnds: false,
    keepAlive: true,
    idleTimeout: 5000,
    interimLimit: 10,
    onDefect: (error) => defects.push(error),
  };
}
