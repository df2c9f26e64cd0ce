import type { BackHarness } from './back.ts';
import { checksOf } from './transport-bench.ts';
import { callsEndOnce } from './transport-endings.ts';
import { flowIsHeldBack } from './transport-flow.ts';
import { messagesArriveWhole } from './transport-messages.ts';
import { switchesAreLeftOut, tunnelsCarryBytes } from './transport-tunnels.ts';

/** The contract of `Transport`, run against one of them. */
export function transportConformance(harness: BackHarness): void {
  const check = checksOf(harness);
  messagesArriveWhole(check, harness.carries);
  callsEndOnce(check);
  flowIsHeldBack(check);
  if (harness.carries.tunnels) tunnelsCarryBytes(check);
  else switchesAreLeftOut(check);
}
