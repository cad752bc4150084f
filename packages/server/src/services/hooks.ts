import type { UserFieldValues } from '../config/user-fields.ts'

/** A user as hooks see one: with every field, hidden ones too, and without anything secret. A copy; changing it changes nothing. */
export type HookUser = {
  /** The user's id, `sub` in tokens. */
  id: string
  /** Lower case, with an international domain in its ASCII form. */
  email: string
  /** 1 to 100 characters. */
  name: string
  /** By name. */
  roles: readonly string[]
  /** Whether they have proven that they read mail at the address. */
  emailVerified: boolean
  /** Milliseconds since 1970, UTC. */
  createdAt: number
  /** The product's own fields, by name. */
  fields: UserFieldValues
}

/** What somebody has typed to sign up, as it would be stored. Never the password. */
export type SignUpAttempt = {
  /** Lower case, with an international domain in its ASCII form. */
  email: string
  /** 1 to 100 characters. */
  name: string
  /** The product's own fields, by name. */
  fields: UserFieldValues
  /** The client's IP address; null where it is not known. */
  address: string | null
  /** The client's own name of itself, which can be forged; null where it gave none. */
  userAgent: string | null
}

/** Why a sign-up is refused, in a sentence for the person who signs up. */
export type SignUpRefusal = {
  /** Where the form shows it: `email`, `name`, `fields.company`; empty for the form as a whole. */
  field: string
  /** 1 to 300 characters. */
  message: string
}

/** Ends what a hook does, once nobody waits for it any more. */
export type HookCall = {
  /** Aborted after `hookTimeoutMs`. Pass it to `fetch` and to your database. */
  signal: AbortSignal
}

/** A product's own rules. Each runs in this process and outside every transaction, for `hookTimeoutMs` at most (3 seconds). */
export type Hooks = {
  /**
   * Lets somebody sign up, by returning nothing, or refuses: 422 `sign_up_refused`. Asked after our own checks and throttles, and before
   * anybody looks whether the address is known, so that its answer cannot tell. One that throws or takes too long lets nobody in: 503.
   */
  beforeSignUp?(
    attempt: SignUpAttempt,
    call: HookCall,
  ): SignUpRefusal | null | undefined | Promise<SignUpRefusal | null | undefined>
  /**
   * Told once somebody who signed up is durably here: at least once, and again after a failure or a crash, for a day and a half. So it
   * does the same twice without harm. What fails is logged and undoes nothing.
   */
  afterSignUp?(user: HookUser, call: HookCall): unknown
  /**
   * Claims for the access token, at every sign-in and refresh, from the user as they are now. JSON, 1,024 bytes at most, under names that
   * mean nothing to anybody else. One that throws or takes too long: 503, and the refresh token is still good.
   */
  claims?(
    user: HookUser,
    call: HookCall & { sessionId: string },
  ): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
}

const hookNames: readonly string[] = ['beforeSignUp', 'afterSignUp', 'claims'] satisfies (keyof Hooks)[]

/**
 * A misspelt hook would never be called, and nobody would notice.
 *
 * @throws TypeError that names it.
 */
export function requireHooks(hooks: Hooks): void {
  for (const [name, hook] of Object.entries(hooks)) {
    if (!hookNames.includes(name))
      throw new TypeError(`There is no hook ${name}. There are: ${hookNames.join(', ')}.`)
    if (hook !== undefined && typeof hook !== 'function')
      throw new TypeError(`The hook ${name} is no function.`)
  }
}
