import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { dropFactorRemoval } from '../../store/factor-removal.ts'

/**
 * Cancels the removal of second factors that an operator has planned, after the user has proved two factors. The user has not lost them, so
 * somebody else may have asked the operator. Runs in the transaction that accepts the proof.
 */
export async function cancelRemovalAfterProof(
  context: Pick<Context, 'newId' | 'clock'>,
  transaction: Database,
  userId: string,
  source: RequestSource | null,
): Promise<void> {
  if (!(await dropFactorRemoval(transaction, userId))) return
  await recordAuditEvent(context, transaction, source, { action: 'second_factor_removal_cancelled', userId })
}
