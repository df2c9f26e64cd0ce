import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { memoryWebapp } from '../../../test/support/memory-webapp.ts';
import { eventually } from '../../../test/support/eventually.ts';
import {
  HttpServlet,
  type HttpServletRequest,
  type HttpServletResponse,
  UnavailableException,
  type Work,
} from '../api/index.ts';

test('a servlet that is gone for good is ended once, behind its last request', async (t) => {
  const told: string[] = [];
  let answer: () => void = () => {};
  class Selling extends HttpServlet {
    override service(request: HttpServletRequest, response: HttpServletResponse): Work {
      const what = request.getParameter('what');
      if (what === 'throw') throw new UnavailableException('sold');
      if (what === 'reject') return Promise.reject(new UnavailableException('sold'));
      if (what === 'away') return Promise.reject(new UnavailableException('back soon', 1));
      return new Promise<void>((resolve) => {
        answer = () => {
          response.getWriter().print('the last');
          resolve();
        };
      });
    }
    override destroy(): Work {
      told.push('destroyed');
    }
  }
  for (const what of ['throw', 'reject']) {
    const app = await memoryWebapp(t, { servlets: { '/a': Selling } });
    const last = app.begin({ target: '/app/a?what=wait' });
    const refused = app.begin({ target: `/app/a?what=${what}` });
    await eventually('the refusal', () => refused.finished);
    assert.equal(refused.status, 404);
    assert.deepEqual(told, [], 'one request is under way');
    answer();
    await eventually('the last answer', () => last.finished);
    assert.equal(last.text, 'the last');
    await turn();
    assert.deepEqual(told, ['destroyed']);
    app.site.clock.advance(1e9);
    assert.equal((await app.ask({ target: '/app/a?what=wait' })).status, 404);
    await app.application.stop();
    assert.deepEqual(told, ['destroyed']);
    told.length = 0;
  }
});

test('one that is away for a time is not ended, and one that is gone does not come back', async (t) => {
  let destroyed = 0;
  const fails: (() => void)[] = [];
  class Failing extends HttpServlet {
    override service(request: HttpServletRequest): Work {
      const seconds = request.getParameter('seconds');
      const error = new UnavailableException('no', seconds === null ? null : Number(seconds));
      return new Promise<void>((_, reject) => fails.push(() => reject(error)));
    }
    override destroy(): Work {
      destroyed++;
    }
  }
  const { begin, ask, site } = await memoryWebapp(t, { servlets: { '/a': Failing } });
  const away = begin({ target: '/app/a?seconds=1' });
  fails.shift()?.();
  await eventually('it to be away', () => away.finished);
  await turn();
  assert.equal(destroyed, 0);
  site.clock.advance(1000);
  // Of two that are under way, one says for good and the other for a time.
  begin({ target: '/app/a' });
  const second = begin({ target: '/app/a?seconds=1' });
  for (const fail of fails.splice(0)) fail();
  await eventually('both', () => second.finished);
  await turn();
  assert.equal(destroyed, 1);
  site.clock.advance(1000);
  assert.equal((await ask({ target: '/app/a' })).status, 404);
});

test('what goes wrong at the end of one that is gone is told by the log', async (t) => {
  class Broken extends HttpServlet {
    override service(): Work {
      throw new UnavailableException('sold');
    }
    override destroy(): Work {
      throw new Error('cannot end');
    }
  }
  const { ask, log } = await memoryWebapp(t, { servlets: { '/a': Broken } });
  assert.equal((await ask({ target: '/app/a' })).status, 404);
  await turn();
  assert.match(log.join(), /Servlet \/a failed in destroy .*cannot end/);
});
