import type { UserFieldValue } from '@sallyport/protocol'
import type { UserFieldValues } from '../../config/user-fields.ts'
import { byOperator } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { changeProfile } from '../../store/profile.ts'

/** Returns only the fields whose value is not null. */
export function setFields(fields: Readonly<Record<string, UserFieldValue | null>>): UserFieldValues {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, value]],
    ),
  )
}

/**
 * Checks the user fields that an operator sets.
 *
 * @throws FlowError `invalid_request`, with a message for each wrong field.
 */
export function judgeFields(
  { config }: Pick<Context, 'config'>,
  fields: unknown,
): Readonly<Record<string, UserFieldValue | null>> {
  const { data, error } = config.userFields.byOperator.safeParse(fields)
  if (data !== undefined) return data
  const errors = error.issues.map(({ path, message, code }) => ({
    field: ['fields', ...path].join('.'),
    message: code === 'unrecognized_keys' ? 'There is a field that is not declared.' : message,
  }))
  throw new FlowError('invalid_request', { details: { errors } })
}

/** Sets some fields of a user. A field whose value is null is cleared. */
export async function replaceFields(context: Context, userId: string, fields: unknown): Promise<void> {
  const judged = judgeFields(context, fields)
  const changed = await inTransaction(context.database, async (transaction) => {
    const user = await changeProfile(transaction, userId, { fields: judged }, context.clock())
    if (user !== null) await byOperator(context, transaction, 'profile_change', userId)
    return user
  })
  if (changed === null) throw new FlowError('not_found', { reason: 'no such user' })
}
