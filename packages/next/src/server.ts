import { type ApiDefinitions, requireApis } from './config/apis.ts'
import type { AuthOptions } from './config/config.ts'
import { authOptionNames, lazyConfig } from './config/config.ts'
import { requireKnownOptions } from './config/known-options.ts'
import { ownPath } from './paths/return-to.ts'
import { redirectAddress } from './paths/served-paths.ts'
import { type Account, createAccount } from './server/account.ts'
import { type Actions, createActions } from './server/actions.ts'
import { type Apis, createApis } from './server/api.ts'
import { type Auth, createGuard } from './server/auth.ts'
import { createCallAsUser } from './server/call-as-user.ts'
import { createCurrentSession } from './server/current-session.ts'
import { createHandlers, type Handlers } from './server/handlers.ts'
import { requireSettings } from './server/require-settings.ts'
import { createSessions, type Sessions } from './server/sessions.ts'
import { type Runtime, runtimeFor } from './session/runtime.ts'

export type { Principal, Problem, Requirement, User } from '@sallyport/protocol'
export type { Activity, InboxMail, SessionDescription } from '@sallyport/protocol/endpoints'
export type { ApiDefinition, ApiDefinitions } from './config/apis.ts'
export type { AuthOptions } from './config/config.ts'
export type { Account } from './server/account.ts'
export type { ActionResult } from './server/action-result.ts'
export type { Actions } from './server/actions.ts'
export type { Api, ApiAnswer, Apis } from './server/api.ts'
export type { ApiCallOptions } from './server/api-call-options.ts'
export type { Auth, HandlerRequest } from './server/auth.ts'
export type { Handlers } from './server/handlers.ts'
export { ApiError, OriginRefusedError, SessionUnavailableError } from './server/session-error.ts'
export type { Sessions } from './server/sessions.ts'

/** Everything a Next app needs on its server. */
export type SallyportNext<ApiName extends string = never> = Actions & {
  /** Returns who is signed in, and checks access in pages, actions and handlers. */
  auth: Auth
  /** Calls your API for the signed-in user. */
  api: Apis<ApiName>
  /** Lists and ends the user's sessions. */
  sessions: Sessions
  /** Email address, password, audit log and deletion of the user's account. */
  account: Account
  /** Route handlers for `app/api/[...path]/route.ts`: scripts in the browser call the session and your API through them. */
  handlers: Handlers
  /**
   * Checks all settings now and not at the first request, without any network request. Call it from `register()` in `instrumentation.ts`:
   * with `NODE_ENV=production` a missing or wrong setting then ends the process, with one line that says how to fix it.
   *
   * @throws TypeError with the same line in development.
   * @example
   * // instrumentation.ts
   * export async function register() {
   *   if (process.env.NEXT_RUNTIME === 'nodejs') (await import('./auth')).requireSettings()
   * }
   */
  requireSettings(): void
  /**
   * Returns a wanted `returnTo` if it is a path on our own origin, else `fallback` (default `homePath`). Use it before you redirect. In an
   * app with `basePath` it returns an absolute URL, because Next's `redirect` does not always add `basePath` to a path (docs/paths.md).
   */
  safeReturnTo(wanted: unknown, fallback?: string): string
}

/** @deprecated The former name of {@link SallyportNext}. The next version removes it. */
export type NextAuth<ApiName extends string = never> = SallyportNext<ApiName>

/**
 * Connects a Next app to the auth server and to its API. Settings are read, and servers are called, at the first request or later.
 *
 * @throws TypeError at once for an unknown option and for two APIs with the same path; at the first request or in `requireSettings` for
 * a missing or wrong setting. The message says how to fix it.
 * @example
 * // auth.ts
 * export const { auth, api, signIn, signOut, handlers } = createAuth({ apiPaths: ['/invoices'] })
 */
export function createAuth<Definitions extends ApiDefinitions = Record<never, never>>(
  options: AuthOptions & { apis?: Definitions } = {},
): SallyportNext<Extract<keyof Definitions, string>> {
  const { apis = {} as Definitions, apiPaths } = options
  requireKnownOptions('createAuth', options, authOptionNames)
  requireApis(apis, apiPaths)
  const loadConfig = lazyConfig(options)
  let known: Runtime | undefined
  const runtime = (): Runtime => {
    known ??= runtimeFor(loadConfig())
    return known
  }
  const currentSession = createCurrentSession(runtime)
  const callAsUser = createCallAsUser(runtime, currentSession)
  return {
    auth: createGuard(runtime, currentSession),
    api: createApis(runtime, currentSession, Object.keys(apis) as Extract<keyof Definitions, string>[]),
    sessions: createSessions(callAsUser),
    account: createAccount(runtime, currentSession, callAsUser),
    handlers: createHandlers(runtime),
    ...createActions(runtime, currentSession, callAsUser),
    requireSettings: () => requireSettings(loadConfig),
    safeReturnTo: (wanted, fallback) => {
      const { appUrl, homePath } = loadConfig()
      return redirectAddress(ownPath(wanted, appUrl, fallback ?? homePath), appUrl)
    },
  }
}
