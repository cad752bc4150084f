import { organizationPermissions } from '@sallyport/protocol'
import { accessTokenUrn, type Organization, paths, tokenExchangeGrant } from '@sallyport/protocol/endpoints'
import { expect } from 'vitest'
import { bearer, startSallyport } from './sallyport.ts'
import { freshStore, type storeKinds } from './stores.ts'

/** The permissions of each role in the organizations of the tests. */
export const rolePermissions = {
  owner: [...organizationPermissions, 'invoice:read', 'report:read'],
  admin: ['member:manage', 'invoice:read'],
  finance: ['invoice:read', 'report:read'],
  member: ['invoice:read'],
}
/** Returns a path of an organization. */
export const ofOrganization = (organization: string, end = '') =>
  `${paths.listOrganizations}/${organization}${end}`

export type Answer = { status: number; body: Record<string, never> & Record<string, unknown> }

/** Starts an auth server with organizations, and returns what tests do with it. */
export async function world(
  kind: (typeof storeKinds)[number],
  options: Parameters<typeof startSallyport>[0] = {},
) {
  const store = await freshStore(kind)
  const server = await startSallyport({
    ...store.options,
    organizations: 'on',
    rolePermissions,
    developmentInbox: true,
    appUrl: 'http://localhost:3000',
    ...options,
  })
  const session = async (email: string) => (await server.signIn(email)).accessToken
  /** Adds a user, whose address counts as verified. */
  const person = async (name: string) => {
    const email = `${name}@example.com`
    const { id } = await server.addUser(email)
    return { id, email, token: await session(email) }
  }
  const call = async (token: string, method: string, path: string, body?: object): Promise<Answer> => {
    const answer = await server.fetch(path, {
      method,
      headers: { ...(token && bearer(token)), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    // Ids of later rows sort behind those of earlier ones.
    server.clock.advance(1)
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
  }
  const create = async (token: string, name = 'Acme', slug?: string): Promise<Organization> => {
    const { status, body } = await call(token, 'POST', paths.createOrganization, {
      name,
      ...(slug && { slug }),
    })
    expect(status).toBe(201)
    return body.organization as unknown as Organization
  }
  const secretTo = async (email: string): Promise<string> => {
    const { mails } = (await (await server.get(paths.inbox)).json()) as {
      mails: { to: string; text: string }[]
    }
    const text = mails.find((mail) => mail.to === email && /\/invitation#/.test(mail.text))?.text ?? ''
    return /\/invitation#token=(\S+)/.exec(text)?.[1] ?? ''
  }
  const invite = (token: string, organization: string, email: string, roles = ['member']) =>
    call(token, 'POST', ofOrganization(organization, '/invitations'), { email, roles })
  /** Invites a person, who accepts. Returns a token of their session from after that. */
  const join = async (token: string, organization: string, name: string, roles = ['member']) => {
    const joining = await person(name)
    expect((await invite(token, organization, joining.email, roles)).status).toBe(201)
    const accepted = await call(joining.token, 'POST', paths.acceptInvitation, {
      token: await secretTo(joining.email),
    })
    expect(accepted.status).toBe(200)
    return joining
  }
  const trade = async (token: string, organization: string) => {
    const answer = await server.post(paths.tradeToken, {
      grant_type: tokenExchangeGrant,
      subject_token: token,
      subject_token_type: accessTokenUrn,
      organization,
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const isActive = async (token: string) =>
    ((await (await server.introspect(token)).json()) as { active: boolean }).active
  const events = (organizationId: string) =>
    store
      .query<{ action: string }>(
        `select action from audit_event where "organizationId" = '${organizationId}' order by id`,
      )
      .then((rows) => rows.map(({ action }) => action))
  return {
    server,
    store,
    session,
    person,
    call,
    create,
    invite,
    join,
    secretTo,
    trade,
    isActive,
    events,
  }
}
