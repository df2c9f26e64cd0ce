import { AjpClientProtocol, type AjpClientSettings } from '../../src/wire/ajp/index.ts';
import { AjpBackConnection } from './ajp-scripted-back.ts';
import type { BackWire, BackWorld } from './back-wire.ts';

/** AJP 1.3, for the harnesses. */
export const ajpWire: BackWire = {
  name: 'AJP',
  carries: { trailers: false, tunnels: false },
  protocol: (world) => new AjpClientProtocol(ajpClientTestSettings(world)),
  back: (number, stream, calls) => new AjpBackConnection(number, stream, calls),
};

/** The settings of the harnesses for AJP: packets of 8 KiB, and a ping in front of each request. */
export function ajpClientTestSettings({ clock, budget, defects }: BackWorld): AjpClientSettings {
  return {
    clock,
    budget,
    keepAlive: true,
    idleTimeout: 5000,
    interimLimit: 10,
    onDefect: (error) => defects.push(error),
    packetSize: 8192,
    secret: null,
    route: null,
    ping: 'request',
    pingTimeout: 1000,
    pingInterval: 0,
  };
}
