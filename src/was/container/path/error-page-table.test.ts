import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServletException } from '../../api/index.ts';
import { ErrorPageTable } from './error-page-table.ts';

class NotFound extends Error {}
class UserNotFound extends NotFound {}

const byStatus = (status: number, location: string) => ({ status, exceptionType: null, location });
const byType = (exceptionType: string, location: string) => ({
  status: null,
  exceptionType,
  location,
});

test('ErrorPageTable finds by status, then the page for everything', () => {
  const table = new ErrorPageTable([byStatus(404, '/404'), byStatus(500, '/500')]);
  assert.equal(table.find(404, null), '/404');
  assert.equal(table.find(403, null), null);
  const every = new ErrorPageTable([
    byStatus(404, '/404'),
    { status: null, exceptionType: null, location: '/all' },
  ]);
  assert.equal(every.find(404, null), '/404');
  assert.equal(every.find(403, null), '/all');
  assert.equal(every.find(500, new Error('x')), '/all');
});

test('ErrorPageTable finds the nearest class of an error, with or without its package', () => {
  const table = new ErrorPageTable([
    byType('com.example.NotFound', '/missing'),
    byType('java.lang.Throwable', '/any'),
    byStatus(500, '/500'),
  ]);
  assert.equal(table.find(500, new NotFound()), '/missing');
  assert.equal(table.find(500, new UserNotFound()), '/missing');
  assert.equal(table.find(500, new TypeError()), '/any');
  assert.equal(table.find(500, 'no error at all'), '/500');
  const nearest = new ErrorPageTable([byType('NotFound', '/far'), byType('UserNotFound', '/near')]);
  assert.equal(nearest.find(500, new UserNotFound()), '/near');
});

test('ErrorPageTable looks at the cause of a ServletException', () => {
  const table = new ErrorPageTable([byType('NotFound', '/missing'), byStatus(500, '/500')]);
  const wrapped = new ServletException('wrapped', { cause: new UserNotFound() });
  assert.equal(table.find(500, wrapped), '/missing');
  assert.equal(table.find(500, new Error('wrapped', { cause: new UserNotFound() })), '/500');
  const own = new ErrorPageTable([
    byType('ServletException', '/own'),
    byType('NotFound', '/cause'),
  ]);
  assert.equal(own.find(500, wrapped), '/own');
});
