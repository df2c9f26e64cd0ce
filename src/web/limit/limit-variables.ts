/** nginx's variables about what limits did. */
import {
  defineVariables,
  LIMITED,
  type Limited,
  type VariableDefinition,
} from '../../pipeline/index.ts';

const NAMES: Readonly<Record<Limited, string | null>> = {
  [LIMITED.none]: null,
  [LIMITED.passed]: 'PASSED',
  [LIMITED.delayed]: 'DELAYED',
  [LIMITED.rejected]: 'REJECTED',
  [LIMITED.delayedInDryRun]: 'DELAYED_DRY_RUN',
  [LIMITED.rejectedInDryRun]: 'REJECTED_DRY_RUN',
};

/** Variables for the texts of every site. */
export function limitVariables(): readonly VariableDefinition[] {
  return defineVariables({
    limit_conn_status: {
      means:
        'What `limitConnections` came to: PASSED, REJECTED or REJECTED_DRY_RUN; nothing where none applies',
      evaluate: ({ connectionLimit }) => NAMES[connectionLimit],
    },
    limit_req_status: {
      means:
        'What `limitRequests` came to: PASSED, DELAYED, REJECTED, DELAYED_DRY_RUN or REJECTED_DRY_RUN; nothing where none applies',
      evaluate: ({ requestLimit }) => NAMES[requestLimit],
    },
  });
}
