import { type Access, readAccess } from '@sallyport/protocol'
import { type ApiDefinitions, requireApis } from './config/apis.ts'
import type { AuthOptions } from './config/config.ts'
import { authOptionNames, lazyConfig } from './config/config.ts'
import { requireKnownOptions } from './config/known-options.ts'
import { ownPath } from './paths/return-to.ts'
import { redirectAddress } from './paths/served-paths.ts'
import { type Account, createAccount } from './server/account.ts'
import { type Actions, createActions } from './server/actions.ts'
import { type Apis, createApis } from './server/api.ts'
import { type Auth, createAuthFunction } from './server/auth.ts'
import { createCallAsUser } from './server/call-as-user.ts'
import { createCurrentOrganization } from './server/current-organization.ts'
import { createCurrentSession } from './server/current-session.ts'
import { createHandlers, type Handlers } from './server/handlers.ts'
import { createMailedSignIns, type MailedSignIns } from './server/mailed-sign-ins.ts'
import { createOrganizations, type Organizations } from './server/organizations.ts'
import { createOutsideProviders, type OutsideProviders } from './server/outside-providers.ts'
import { createOwnRequests } from './server/own-requests.ts'
import { createPasskeys, type Passkeys } from './server/passkeys.ts'
import { createProviderToken } from './server/provider-token.ts'
import { requireSettings } from './server/require-settings.ts'
import { createSecondFactors, type SecondFactors } from './server/second-factors.ts'
import { createSessions, type Sessions } from './server/sessions.ts'
import { readWaysToSignIn, type WaysToSignIn } from './server/ways-to-sign-in.ts'
import { type Runtime, runtimeFor } from './session/runtime.ts'

export type { Access, OrganizationDemands, Principal, Problem, Requirement, User } from '@sallyport/protocol'
export type {
  Activity,
  DescribedInvitation,
  Factor,
  FactorsResponse,
  Identity,
  InboxMail,
  Invitation,
  Member,
  MembersResponse,
  NewOrganization,
  Organization,
  OrganizationActivity,
  OrganizationsResponse,
  OrganizationUpdate,
  Passkey,
  PlannedRemoval,
  ProviderToken,
  SessionDescription,
  TotpStarted,
} from '@sallyport/protocol/endpoints'
export type { ApiDefinition, ApiDefinitions } from './config/apis.ts'
export type { AuthOptions } from './config/config.ts'
export type { Account } from './server/account.ts'
export type { ActionResult } from './server/action-result.ts'
export type { Actions } from './server/actions.ts'
export type { Api, ApiAnswer, Apis } from './server/api.ts'
export type { ApiCallOptions } from './server/api-call-options.ts'
export type { Auth } from './server/auth.ts'
export type { Guard, HandlerRequest } from './server/guard.ts'
export type { Handlers } from './server/handlers.ts'
export type { MailedSignIns } from './server/mailed-sign-ins.ts'
export type { OrganizationGuard } from './server/organization-guard.ts'
export type { Organizations, Paged } from './server/organizations.ts'
export type { OutsideProviders } from './server/outside-providers.ts'
export type { SignInStep } from './server/own-requests.ts'
export type { Passkeys } from './server/passkeys.ts'
export type { PendingSignIn, SecondFactors } from './server/second-factors.ts'
export {
  ApiError,
  OriginRefusedError,
  ProviderTokenError,
  SessionUnavailableError,
} from './server/session-error.ts'
export type { Sessions } from './server/sessions.ts'
export type { WaysToSignIn } from './server/ways-to-sign-in.ts'
export type { OrganizationAddress } from './session/organization-access.ts'

/** The functions that a Next app needs on its server. */
export type SallyportNext<ApiName extends string = never, Defined extends Access = Access> = Actions & {
  /** Returns who is signed in, and checks access in pages, actions and handlers. */
  auth: Auth<Defined>
  /** Calls your API for the signed-in user. */
  api: Apis<ApiName>
  /** Lists and ends the user's sessions. */
  sessions: Sessions
  /** Mails a link to sign up with a passkey; lists, renames and removes the user's passkeys. */
  passkeys: Passkeys
  /** Changes and reads the user's account: email address, password, audit log, deletion. */
  account: Account
  /** Signs in with a mailed code or link. */
  mailedSignIn: MailedSignIns
  /** Finishes sign-ins that need a second factor, and manages the second factors of the signed-in user. */
  secondFactors: SecondFactors
  /** Organizations, their members and invitations. */
  organizations: Organizations
  /** Lists outside providers such as Google, and those that are linked to the user's account. */
  providers: OutsideProviders
  /**
   * Returns the ways to sign in that the auth server offers beside the password. Use it to choose what the sign-in page shows. If the auth
   * server cannot be reached, the result has none.
   */
  waysToSignIn(): Promise<WaysToSignIn>
  /** Route handlers for `app/api/[...path]/route.ts`. Through them, scripts in the browser read the session and call your API. */
  handlers: Handlers
  /**
   * Checks all settings now and not at the first request. It sends no network request. Call it from `register()` in `instrumentation.ts`.
   * With `NODE_ENV=production`, a missing or wrong setting then ends the process, and one line on standard error says how to fix it.
   *
   * @throws TypeError with the same text if `NODE_ENV` is not `production`.
   * @example
   * // instrumentation.ts
   * export async function register() {
   *   if (process.env.NEXT_RUNTIME === 'nodejs') (await import('./auth')).requireSettings()
   * }
   */
  requireSettings(): void
  /**
   * Returns `wanted` if it is a path on the origin of the app, else `fallback` (default: `homePath`). Use it before you redirect to a
   * `returnTo` from a request. If the app has a `basePath`, it returns an absolute URL, because Next's `redirect` does not always add
   * `basePath` to a path (docs/paths.md).
   */
  safeReturnTo(wanted: unknown, fallback?: string): string
}

/** @deprecated The former name of {@link SallyportNext}. The next version removes it. */
export type NextAuth<ApiName extends string = never> = SallyportNext<ApiName>

/**
 * Connects a Next app to the auth server and to the app's API. It reads no settings and calls no server before the first request.
 *
 * @throws TypeError immediately for an unknown option and for two APIs with the same path. A missing or wrong setting throws a TypeError at
 * the first request or in `requireSettings`. The message says how to fix it.
 * @example
 * // auth.ts
 * export const { auth, api, signIn, signOut, handlers } = createAuth({ apiPaths: ['/invoices'] })
 */
export function createAuth<
  Definitions extends ApiDefinitions = Record<never, never>,
  Defined extends Access = Access,
>(
  options: AuthOptions<Defined> & { apis?: Definitions } = {},
): SallyportNext<Extract<keyof Definitions, string>, Defined> {
  const { apis = {} as Definitions, apiPaths } = options
  requireKnownOptions('createAuth', options, authOptionNames)
  requireApis(apis, apiPaths)
  const access = options.access === undefined ? undefined : readAccess(options.access)
  const loadConfig = lazyConfig(options)
  let known: Runtime | undefined
  const runtime = (): Runtime => {
    known ??= runtimeFor(loadConfig())
    return known
  }
  const currentSession = createCurrentSession(runtime)
  const currentOrganization = createCurrentOrganization(runtime, currentSession)
  const callAsUser = createCallAsUser(runtime, currentSession)
  const ownRequests = createOwnRequests(runtime)
  return {
    auth: Object.assign(createAuthFunction(runtime, currentSession, currentOrganization, access), {
      providerToken: createProviderToken(callAsUser),
    }),
    api: createApis(
      runtime,
      currentSession,
      currentOrganization,
      Object.keys(apis) as Extract<keyof Definitions, string>[],
    ),
    sessions: createSessions(callAsUser),
    passkeys: createPasskeys(callAsUser, ownRequests),
    account: createAccount(runtime, currentSession, callAsUser),
    mailedSignIn: createMailedSignIns(runtime, ownRequests),
    secondFactors: createSecondFactors(runtime, ownRequests, callAsUser),
    organizations: createOrganizations(runtime, callAsUser),
    providers: createOutsideProviders(runtime, callAsUser),
    waysToSignIn: () => readWaysToSignIn(runtime),
    handlers: createHandlers(runtime),
    ...createActions(ownRequests, currentSession, callAsUser),
    requireSettings: () => requireSettings(loadConfig),
    safeReturnTo: (wanted, fallback) => {
      const { appUrl, homePath } = loadConfig()
      return redirectAddress(ownPath(wanted, appUrl, fallback ?? homePath), appUrl)
    },
  }
}
