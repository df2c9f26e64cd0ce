import type { BackHarness } from './back.ts';
import { checksOf } from './transport-bench.ts';
import { callsEndOnce } from './transport-endings.ts';
import { flowIsHeldBack } from './transport-flow.ts';
import { messagesArriveWhole } from './transport-messages.ts';
import { tunnelsCarryBytes } from './transport-tunnels.ts';

/** The contract of `Transport`, run against one of them. */
export function transportConformance(harness: BackHarness): void {
  const check = checksOf(harness);
  messagesArriveWhole(check);
  callsEndOnce(check);
  flowIsHeldBack(check);
  tunnelsCarryBytes(check);
}
