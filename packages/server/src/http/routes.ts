import type { Principal } from '@sallyport/protocol'
import {
  introspectRequestSchema,
  loginRequestSchema,
  paths,
  profileUpdateSchema,
  refreshRequestSchema,
  registerRequestSchema,
} from '@sallyport/protocol'
import type { Context } from '../flows/context.ts'
import { FlowError } from '../flows/flow-error.ts'
import { introspect } from '../flows/introspect.ts'
import type { IssuedTokens } from '../flows/issue-tokens.ts'
import { login } from '../flows/login.ts'
import { logout } from '../flows/logout.ts'
import { readProfile, updateProfile } from '../flows/profile.ts'
import { requireReadiness } from '../flows/readiness.ts'
import { refresh } from '../flows/refresh.ts'
import { register } from '../flows/register.ts'
import { currentSession } from '../flows/session.ts'
import { isOneOf } from './client-address.ts'
import { clearedCookies, tokenCookies } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { readJsonBody } from './json-body.ts'
import { requireAllowedOrigin } from './origin.ts'
import { revocationStream } from './revocation-stream.ts'

export type Route = (exchange: Exchange, context: Context) => Promise<Response> | Response

/** Every address of the server, by path and method. What is not here is 404 or 405. */
export const routes: Record<string, Partial<Record<'GET' | 'POST' | 'PATCH', Route>>> = {
  [paths.register]: {
    POST: (exchange, context) => start(exchange, context, registerRequestSchema, register),
  },
  [paths.login]: { POST: (exchange, context) => start(exchange, context, loginRequestSchema, login) },
  [paths.refresh]: { POST: refreshRoute },
  [paths.logout]: { POST: logoutRoute },
  [paths.session]: {
    GET: async (exchange, context) =>
      json(await currentSession(context, await principalOf(exchange, context))),
  },
  [paths.profile]: {
    GET: async (exchange, context) =>
      json({ user: await readProfile(context, await principalOf(exchange, context)) }),
    PATCH: async (exchange, context) => {
      requireAllowedOrigin(exchange, false)
      const principal = await principalOf(exchange, context)
      return json({
        user: await updateProfile(context, principal, await readJsonBody(exchange, profileUpdateSchema)),
      })
    },
  },
  [paths.revocations]: {
    GET: (exchange, context) => {
      requireVerifier(exchange)
      return revocationStream(exchange.request, context)
    },
  },
  [paths.introspect]: {
    POST: async (exchange, context) => {
      requireAllowedOrigin(exchange, false)
      requireVerifier(exchange)
      return json(await introspect(context, (await readJsonBody(exchange, introspectRequestSchema)).token))
    },
  },
  [paths.jwks]: { GET: (_, { signingKeys }) => cacheable({ keys: signingKeys.publicJwks }) },
  [paths.discovery]: { GET: ({ config }) => cacheable(discovery(config.issuer)) },
  [paths.health]: { GET: () => json({ status: 'ok' }) },
  [paths.ready]: {
    GET: async (_, context) => {
      await requireReadiness(context)
      return json({ status: 'ready' })
    },
  },
}

type Start<T> = (context: Context, details: T, device: Exchange['device']) => ReturnType<typeof login>

async function start<T extends { transport?: 'cookie' | 'bearer' | undefined }>(
  exchange: Exchange,
  context: Context,
  schema: Parameters<typeof readJsonBody<T>>[1],
  flow: Start<T>,
): Promise<Response> {
  // Cookies or not, a page of another origin may not sign anybody in (S07); whether cookies are wanted stands in the body.
  requireAllowedOrigin(exchange, false)
  const details = await readJsonBody(exchange, schema)
  const bearer = details.transport === 'bearer'
  if (!bearer) requireAllowedOrigin(exchange, true)
  const { user, tokens } = await flow(context, details, exchange.device)
  if (!bearer && exchange.cookies.refreshToken)
    await logout(context, { refreshToken: exchange.cookies.refreshToken, accessToken: null })
  return withTokens(exchange, { user }, tokens, bearer)
}

async function refreshRoute(exchange: Exchange, context: Context): Promise<Response> {
  requireAllowedOrigin(exchange, false)
  const body = await readJsonBody(exchange, refreshRequestSchema)
  const fromCookie = exchange.cookies.refreshToken
  if (body.refreshToken !== undefined && exchange.cookies.carried) throw new FlowError('credential_conflict')
  const token = body.refreshToken ?? fromCookie
  if (token === null || token === undefined) throw new FlowError('token_missing')
  const { tokens } = await refresh(context, token)
  return withTokens(exchange, {}, tokens, body.refreshToken !== undefined)
}

async function logoutRoute(exchange: Exchange, context: Context): Promise<Response> {
  requireAllowedOrigin(exchange, false)
  const body = await readJsonBody(exchange, refreshRequestSchema)
  await logout(context, {
    refreshToken: body.refreshToken ?? exchange.cookies.refreshToken,
    accessToken: bearerOf(exchange.request) ?? exchange.cookies.accessToken,
  })
  const headers = new Headers()
  if (exchange.cookies.carried)
    for (const cookie of clearedCookies(exchange.config)) headers.append('set-cookie', cookie)
  return new Response(null, { status: 204, headers })
}

function principalOf({ request }: Exchange, { verifier }: Context): Promise<Principal> {
  return verifier.authenticate(request)
}

function requireVerifier({ request, config }: Exchange): void {
  const credential = bearerOf(request)
  if (credential === null || !isOneOf(credential, config.verifierSecrets))
    throw new FlowError('client_unauthorized')
}

function bearerOf(request: Request): string | null {
  return request.headers.get('authorization')?.match(/^bearer +([^\s,]+)$/i)?.[1] ?? null
}

/** In the body for whoever asked for that; else by cookie only, and never both (DESIGN section 2). */
function withTokens({ config }: Exchange, body: object, tokens: IssuedTokens, bearer: boolean): Response {
  const { accessToken, refreshToken, expiresIn } = tokens
  if (bearer) return json({ ...body, accessToken, refreshToken, expiresIn })
  const response = json({ ...body, expiresIn })
  for (const cookie of tokenCookies(tokens, config)) response.headers.append('set-cookie', cookie)
  return response
}

function json(body: unknown): Response {
  return Response.json(body, { headers: { 'cache-control': 'private, no-store' } })
}

function cacheable(body: unknown): Response {
  return Response.json(body, { headers: { 'cache-control': 'public, max-age=300' } })
}

function discovery(issuer: string) {
  return {
    issuer,
    jwks_uri: issuer + paths.jwks,
    introspection_endpoint: issuer + paths.introspect,
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
}
