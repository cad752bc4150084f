import type { UserFieldValues } from '../config/user-fields.ts'

/**
 * A user as hooks receive them: with all fields, also hidden ones, but without secrets. The object is a copy, so changes to it have no
 * effect.
 */
export type HookUser = {
  /** The id of the user. It is the claim `sub` of tokens. */
  id: string
  /** The email address in lower case. An international domain is in its ASCII form. */
  email: string
  /** The display name, 1 to 100 characters. */
  name: string
  /** The names of the user's roles. */
  roles: readonly string[]
  /** Whether the address is verified. */
  emailVerified: boolean
  /** When the user was created, in milliseconds since 1970, UTC. */
  createdAt: number
  /** The values of the user fields that the app has declared, by name. */
  fields: UserFieldValues
}

/** The data that the user entered at the sign-up, in the form in which it will be stored. The password is not included. */
export type SignUpAttempt = {
  /** The email address in lower case. An international domain is in its ASCII form. */
  email: string
  /** The display name, 1 to 100 characters. */
  name: string
  /** The values of the user fields that the app has declared, by name. */
  fields: UserFieldValues
  /** The client's IP address; null if unknown. */
  address: string | null
  /** The `User-Agent` header. It can be forged. Null if there is none. */
  userAgent: string | null
}

/** The refusal of a sign-up, with a message for the user. */
export type SignUpRefusal = {
  /**
   * The form field to which the message belongs, such as `email`, `name` or `fields.company`. Empty if the message belongs to the whole
   * form.
   */
  field: string
  /** The message, 1 to 300 characters. */
  message: string
}

/** The second argument of a hook. It shows when the hook must stop. */
export type HookCall = {
  /** Aborted after `hookTimeoutMs`, because the result is then no longer used. Pass the signal to `fetch` and to your database. */
  signal: AbortSignal
}

/**
 * The hooks of the app. They run in this process, outside of transactions. A hook may run for at most `hookTimeoutMs` (default 3 seconds).
 */
export type Hooks = {
  /**
   * Accepts or refuses a sign-up. If it returns nothing, the sign-up is accepted. If it returns a refusal, the response is 422
   * `sign_up_refused`. The hook is called after Sallyport's own checks and throttles, and before the database is searched for the address.
   * So the result cannot show whether the address has an account. If the hook throws or takes too long, the response is 503.
   */
  beforeSignUp?(
    attempt: SignUpAttempt,
    call: HookCall,
  ): SignUpRefusal | null | undefined | Promise<SignUpRefusal | null | undefined>
  /**
   * Called after a user who signed up is stored. The call is repeated after a failure or a crash, for about a day and a half. So the hook
   * can be called more than once for the same user, and must be idempotent. If it fails, the error is logged and the user stays signed up.
   */
  afterSignUp?(user: HookUser, call: HookCall): unknown
  /**
   * Returns claims for the access token. Called at every sign-in and refresh, with the current user. The claims must be JSON, at most 1,024
   * bytes together, and their names must not be reserved (see `reservedClaims` of `@sallyport/protocol`). If the hook throws or takes too
   * long, the response is 503, and the refresh token stays valid.
   */
  claims?(
    user: HookUser,
    call: HookCall & { sessionId: string },
  ): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
}

const hookNames: readonly string[] = ['beforeSignUp', 'afterSignUp', 'claims'] satisfies (keyof Hooks)[]

/**
 * Checks the names of the hooks. Without this check, a hook with a misspelt name would never be called, and no error would show it.
 *
 * @throws TypeError that contains the wrong name.
 */
export function requireHooks(hooks: Hooks): void {
  for (const [name, hook] of Object.entries(hooks)) {
    if (!hookNames.includes(name))
      throw new TypeError(`There is no hook ${name}. There are: ${hookNames.join(', ')}.`)
    if (hook !== undefined && typeof hook !== 'function')
      throw new TypeError(`The hook ${name} must be a function.`)
  }
}
