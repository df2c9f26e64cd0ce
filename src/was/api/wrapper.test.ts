import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type HttpServletRequest,
  HttpServletRequestWrapper,
  type HttpServletResponse,
  HttpServletResponseWrapper,
} from './index.ts';

/** What answers any call with what was called. */
function recorder(): unknown {
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: readonly unknown[]) => [String(name), ...args],
    },
  );
}

for (const [what, wrapper, own] of [
  [
    'HttpServletRequestWrapper',
    new HttpServletRequestWrapper(recorder() as HttpServletRequest),
    'getRequest',
  ],
  [
    'HttpServletResponseWrapper',
    new HttpServletResponseWrapper(recorder() as HttpServletResponse),
    'getResponse',
  ],
] as const) {
  test(`${what} passes every call on with its arguments, and gives the answer back`, () => {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(wrapper)).filter(
      (name) => name !== 'constructor' && name !== own,
    );
    assert.ok(methods.length > 25, methods.join());
    for (const name of methods) {
      // Methods by name, of whichever of the two wrappers it is.
      const method = (wrapper as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
      assert.ok(method !== undefined);
      const args = ['first', 'second'].slice(0, method.length);
      const answer = method.apply(wrapper, args);
      // What gives nothing back passes on all the same, which the types make sure of.
      if (answer !== undefined)
        assert.deepEqual((answer as unknown[]).slice(0, 1 + args.length), [name, ...args]);
    }
  });
}
