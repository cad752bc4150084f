import {
  addressRequestSchema,
  emailChangeConfirmRequestSchema,
  emailChangeRequestSchema,
  emailSchema,
  passwordResetRequestSchema,
  reauthenticationRequestSchema,
  verifyAddressRequestSchema,
} from '@sallyport/protocol'
import { askToChangeAddress, confirmNewAddress } from '../../flows/account/change-address.ts'
import { askForDeletion } from '../../flows/account/delete-account.ts'
import { downloadData } from '../../flows/account/own-data.ts'
import { askForReset, resetPassword } from '../../flows/account/reset-password.ts'
import { askForVerification, verifyAddress } from '../../flows/account/verify-address.ts'
import type { Authenticated } from '../../flows/session/authenticate.ts'
import { reauthenticate } from '../../flows/sign-in/reauthenticate.ts'
import { describeActivity } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { privateJson, withTokens } from '../answers.ts'
import { clearedCookies } from '../cookies.ts'
import type { Exchange } from '../exchange.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'
import { signedIn } from '../signed-in.ts'

/** `POST password/forgot`: 202, whatever the address. */
export const forgotPasswordRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  await askForReset(context, await canonicalAddress(exchange), exchange.caller)
  return accepted()
}

/** `POST email/verification`: sends the link again; 202, whatever the address. */
export const askForVerificationRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  await askForVerification(context, await canonicalAddress(exchange), exchange.caller)
  return accepted()
}

/** `POST password/reset`: by a mailed link; nobody is signed in by it. */
export const resetPasswordRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  await resetPassword(context, await readJsonBody(exchange, passwordResetRequestSchema), exchange.caller)
  return done()
}

/** `POST email/verify`: proves an address by a mailed link, and signs in. */
export const verifyAddressRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const { token, password, transport } = await readJsonBody(exchange, verifyAddressRequestSchema)
  const asCookies = transport !== 'bearer'
  const { cookies, config, caller, request } = exchange
  const authenticated = await signedInWithoutPassword(exchange, context, password)
  if (asCookies && authenticated === null) requireAllowedOrigin(exchange, true)
  if (!asCookies && cookies.carried)
    throw new FlowError('credential_conflict', { reason: 'bearer beside cookies' })
  const { user, tokens } = await verifyAddress(context, { token, password }, authenticated, caller)
  return tokens === null
    ? privateJson({ user })
    : withTokens({ user }, tokens, { asCookies, headers: request.headers, config })
}

/** `POST email/change`: asks; nothing changes before the new address is proven. */
export const askToChangeAddressRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const authenticated = await signedIn(exchange, context)
  const body = await readJsonBody(exchange, emailChangeRequestSchema)
  await askToChangeAddress(context, authenticated, body, exchange.caller)
  return accepted()
}

/** `POST email/change/confirm`: by the link that was mailed to the new address, and the session or password of who asked for it. */
export const confirmNewAddressRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const { token, password } = await readJsonBody(exchange, emailChangeConfirmRequestSchema)
  const authenticated = await signedInWithoutPassword(exchange, context, password)
  await confirmNewAddress(context, { token, password }, authenticated, exchange.caller)
  return done()
}

/** `POST reauthenticate`: the password again, for what is sensitive. */
export const reauthenticateRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const authenticated = await signedIn(exchange, context)
  const { password } = await readJsonBody(exchange, reauthenticationRequestSchema)
  await reauthenticate(context, authenticated, password, exchange.caller)
  return done()
}

/** `DELETE /api/user/profile`: the account, after a grace of fourteen days. */
export const deleteAccountRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const authenticated = await signedIn(exchange, context)
  const { password } = await readJsonBody(exchange, reauthenticationRequestSchema)
  const deleteAt = await askForDeletion(context, authenticated, password, exchange.caller)
  const response = privateJson({ deleteAt }, 202)
  if (exchange.cookies.carried)
    for (const cookie of clearedCookies(exchange.config)) response.headers.append('set-cookie', cookie)
  return response
}

/** `GET /api/user/data`: everything that is stored about the caller. */
export const dataRoute: Route = async (exchange, context) => {
  const data = await downloadData(context, await signedIn(exchange, context), exchange.caller)
  return new Response(data, {
    headers: {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="my-data.json"',
      'cache-control': 'private, no-store',
    },
  })
}

/** `GET /api/user/activity`: the caller's own trail, newest first. */
export const activityRoute: Route = async (exchange, context) => {
  const { user } = await signedIn(exchange, context)
  return privateJson({ activity: await describeActivity(context, user.id, exchange.caller) })
}

/** `GET /api/development/inbox`: what would have been mailed; only where a developer has asked for that. */
export const inboxRoute: Route = async (_, { mailer }) => privateJson({ mails: await mailer.inbox() })

/** Who is signed in; null where a password is given, which then counts alone, and where the request carries no access token. */
async function signedInWithoutPassword(
  exchange: Exchange,
  context: Context,
  password: string | undefined,
): Promise<Authenticated | null> {
  if (password !== undefined || (exchange.bearer ?? exchange.cookies.accessToken) === null) return null
  return signedIn(exchange, context)
}

/** An address in its one form; null for what is none, which is answered like an unknown one. */
async function canonicalAddress(exchange: Exchange): Promise<string | null> {
  const { email } = await readJsonBody(exchange, addressRequestSchema)
  return emailSchema.safeParse(email).data ?? null
}

function accepted(): Response {
  return privateJson({ status: 'accepted' }, 202)
}

function done(): Response {
  return new Response(null, { status: 204, headers: { 'cache-control': 'private, no-store' } })
}
