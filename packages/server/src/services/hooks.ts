import type { UserFieldValues } from '../config/user-fields.ts'

/** A user as passed to hooks: with every field, also hidden ones, and without secrets. It is a copy; changes to it have no effect. */
export type HookUser = {
  /** The user's id, `sub` in tokens. */
  id: string
  /** The email address in lower case, with an international domain in its ASCII form. */
  email: string
  /** The display name, 1 to 100 characters. */
  name: string
  /** The names of the user's roles. */
  roles: readonly string[]
  /** Whether the address is verified. */
  emailVerified: boolean
  /** When the user was created, in milliseconds since 1970, UTC. */
  createdAt: number
  /** The product's own fields, by name. */
  fields: UserFieldValues
}

/** The input of a sign-up in its stored form, without the password. */
export type SignUpAttempt = {
  /** The email address in lower case, with an international domain in its ASCII form. */
  email: string
  /** 1 to 100 characters. */
  name: string
  /** The product's own fields, by name. */
  fields: UserFieldValues
  /** The client's IP address; null if unknown. */
  address: string | null
  /** The `User-Agent` header, which can be forged; null if there is none. */
  userAgent: string | null
}

/** Why a sign-up is refused, as a message for the user. */
export type SignUpRefusal = {
  /** The form field of the message: `email`, `name`, `fields.company`; empty for the whole form. */
  field: string
  /** The message, 1 to 300 characters. */
  message: string
}

/** Tells a hook to stop when its result is no longer needed. */
export type HookCall = {
  /** Aborted after `hookTimeoutMs`. Pass it to `fetch` and to your database. */
  signal: AbortSignal
}

/** The hooks of a product. Each runs in this process, outside of transactions, for at most `hookTimeoutMs` (default 3 seconds). */
export type Hooks = {
  /**
   * Accepts a sign-up by returning nothing, or refuses it with 422 `sign_up_refused`. Called after Sallyport's own checks and throttles and
   * before the address is looked up, so that the result cannot reveal whether it is known. If it throws or takes too long: 503.
   */
  beforeSignUp?(
    attempt: SignUpAttempt,
    call: HookCall,
  ): SignUpRefusal | null | undefined | Promise<SignUpRefusal | null | undefined>
  /**
   * Called after a user who signed up is stored: at least once, and again after a failure or a crash, for a day and a half. So it must be
   * idempotent. A failure is logged and does not undo the sign-up.
   */
  afterSignUp?(user: HookUser, call: HookCall): unknown
  /**
   * Returns claims for the access token, at every sign-in and refresh, from the current user. They are JSON, at most 1,024 bytes, under names
   * without a registered meaning. If it throws or takes too long: 503, and the refresh token stays valid.
   */
  claims?(
    user: HookUser,
    call: HookCall & { sessionId: string },
  ): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
}

const hookNames: readonly string[] = ['beforeSignUp', 'afterSignUp', 'claims'] satisfies (keyof Hooks)[]

/**
 * Checks the names of the hooks, because a misspelt hook would silently never be called.
 *
 * @throws TypeError that names it.
 */
export function requireHooks(hooks: Hooks): void {
  for (const [name, hook] of Object.entries(hooks)) {
    if (!hookNames.includes(name))
      throw new TypeError(`There is no hook ${name}. There are: ${hookNames.join(', ')}.`)
    if (hook !== undefined && typeof hook !== 'function')
      throw new TypeError(`The hook ${name} is not a function.`)
  }
}
