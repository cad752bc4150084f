import { problem } from '@sallyport/protocol'
import type { EndpointName, endpoints, organizationEndpoints } from '@sallyport/protocol/endpoints'
import type { BodyOf, Sent } from './auth-server-client.ts'
import { callAsUser, type Outcome, type OwnSession, type UserEndpointName } from './call-as-user.ts'

/** An endpoint for organizations that a signed-in user may call. */
export type OrganizationEndpointName = UserEndpointName & keyof typeof organizationEndpoints

type AnswerTo<Name extends EndpointName> = BodyOf<(typeof endpoints)[Name]>

/** Calls an endpoint for organizations. If the call changes the roles of the caller, the session of this browser gets new tokens. */
export async function callAboutOrganization<Name extends OrganizationEndpointName>(
  own: OwnSession,
  name: Name,
  sent: Pick<Sent, 'json' | 'parameters' | 'query'> = {},
): Promise<Outcome<AnswerTo<Name>>> {
  const { parameters = {} } = sent
  // A parameter becomes part of a URL. If it had a slash, a dot or a question mark, another URL would be requested.
  if (!Object.values(parameters).every((value) => /^[\w-]{1,255}$/.test(value)))
    return { answer: { ok: false, problem: problem('not_found') }, changes: [] }
  const isAboutCaller =
    (name === 'changeMember' || name === 'removeMember') && parameters.user === own.session.principal.userId
  return isAboutCaller ? callAsUser(own, name, sent, 'renews') : callAsUser(own, name, sent)
}
