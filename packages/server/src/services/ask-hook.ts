import type { UserFieldValues } from '../config/user-fields.ts'
import type { StoredUser } from '../store/user.ts'
import type { Context, RequestSource } from './context.ts'
import { FlowError } from './flow-error.ts'
import type { Hooks, HookUser, SignUpRefusal } from './hooks.ts'
import { withinTime } from './within-time.ts'

export function hookUserOf({ config }: Pick<Context, 'config'>, user: StoredUser): HookUser {
  const { id, email, name, roles, emailVerifiedAt, createdAt, fields } = user
  return {
    id,
    email,
    name,
    roles: [...roles],
    emailVerified: emailVerifiedAt !== null,
    createdAt,
    fields: config.userFields.known(fields),
  }
}

/**
 * Calls a hook and checks its result.
 *
 * @throws FlowError `unavailable` when the hook fails, takes too long or returns an invalid value. The log names the cause.
 */
export async function askHook<T, R>(
  { config, onHookFault }: Pick<Context, 'config' | 'onHookFault'>,
  name: keyof Hooks,
  work: (signal: AbortSignal) => T | Promise<T>,
  judge: (answer: T) => R,
): Promise<R> {
  try {
    return judge(await withinTime(config.hookTimeoutMs, work))
  } catch (error) {
    onHookFault(name, error)
    throw new FlowError('unavailable', { retryAfterSeconds: 5, reason: `the hook ${name} failed` })
  }
}

/**
 * Calls the hook `beforeSignUp` if the app has one.
 *
 * @throws FlowError `sign_up_refused` with the message of the hook.
 */
export async function requireOwnConsent(
  context: Pick<Context, 'config' | 'hooks' | 'onHookFault'>,
  { email, name, fields }: { email: string; name: string; fields: UserFieldValues },
  { address, userAgent }: RequestSource,
): Promise<void> {
  const { beforeSignUp } = context.hooks
  if (beforeSignUp === undefined) return
  const attempt = { email, name, fields: { ...fields }, address, userAgent }
  const refusal = await askHook(
    context,
    'beforeSignUp',
    (signal) => beforeSignUp(attempt, { signal }),
    refusalOf,
  )
  if (refusal === null) return
  throw new FlowError('sign_up_refused', { reason: 'beforeSignUp', details: { errors: [refusal] } })
}

/** Returns the refusal, or null if the hook accepts. The meaning of `false` and `true` would be unclear, so these results are errors. */
function refusalOf(answer: unknown): SignUpRefusal | null {
  if (answer === undefined || answer === null) return null
  const { field, message } = answer as Partial<SignUpRefusal>
  const isRefusal =
    typeof field === 'string' &&
    /^(?:|email|name|password|fields\.[A-Za-z\d]{1,40})$/.test(field) &&
    typeof message === 'string' &&
    message.isWellFormed() &&
    message.length > 0 &&
    message.length <= 300
  if (!isRefusal)
    throw new TypeError(
      'beforeSignUp must return nothing, or { field, message }. field must be the name of a field of the form, or empty for the whole form, and message must have 1 to 300 characters.',
    )
  return { field, message }
}
