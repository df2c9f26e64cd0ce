import { checksOf } from './exchange-bench.ts';
import { connectionsGoOn } from './exchange-connections.ts';
import { exchangesEndOnce } from './exchange-endings.ts';
import { requestBodiesArrive } from './exchange-request-bodies.ts';
import { responsesArrive } from './exchange-responses.ts';
import { tunnelsCarryBytes } from './exchange-tunnels.ts';
import type { FrontHarness } from './front.ts';

/** The contract of `Exchange`, run against one protocol in front. */
export function exchangeConformance(harness: FrontHarness): void {
  const check = checksOf(harness);
  responsesArrive(check, harness.carries);
  requestBodiesArrive(check, harness.carries);
  exchangesEndOnce(check);
  connectionsGoOn(check);
  if (harness.carries.tunnels) tunnelsCarryBytes(check);
}
