import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Organization, paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { type System, startSystem } from '../system/system.ts'
import { buildOrganizationsApp } from './next-app.ts'

const password = 'long enough for anybody'

export type Person = { email: string; id: string; token: string }
/** A request that the API has accepted. */
export type Accepted = { method: string; organization: string | undefined; userId: string }

/** Returns the path of an organization at the auth server. */
export const at = (organization: string, end = '') => `${paths.listOrganizations}/${organization}${end}`

/** Starts an auth server with organizations, an API that verifies tokens, a Next app and a browser. */
export async function startWorld(place: 'path' | 'subdomain') {
  const endings: (() => unknown)[] = []
  const built = await buildOrganizationsApp(place)
  endings.unshift(built.remove)
  const auth = { SALLYPORT_ORGANIZATIONS: 'on', SALLYPORT_DEVELOPMENT_INBOX: '1' }
  const [system, browser] = await Promise.all([startSystem({ web: null, env: { auth } }), launchBrowser()])
  endings.unshift(
    () => system.stop(),
    () => browser.close(),
  )
  const api = await startApi(system, endings)
  const app = await built.serve((url) => ({
    API_URL: api.url,
    SALLYPORT_URL: system.authUrl,
    SALLYPORT_ISSUER: system.authUrl,
    SALLYPORT_AUDIENCE: 'billing-web',
    SALLYPORT_FRONTEND_SECRET: system.authEnv.SALLYPORT_FRONTEND_SECRET ?? '',
    SALLYPORT_VERIFIER_SECRET: system.authEnv.SALLYPORT_VERIFIER_SECRET ?? '',
    ...(place === 'subdomain' && { APP_URL: `${url},${url.replace('//', '//*.')}` }),
  }))
  endings.unshift(app.stop)

  async function ask<T>(
    token: string | null,
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(system.authUrl + path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T }
  }

  let people = 0
  /** Signs somebody up. */
  async function somebody(): Promise<Person> {
    people += 1
    const email = `person-${people}@example.com`
    const signedUp = await ask<{ accessToken: string; user: { id: string } }>(null, 'POST', paths.signUp, {
      email,
      password,
      name: `Person ${people}`,
      transport: 'bearer',
    })
    expect(signedUp.status).toBe(200)
    return { email, id: signedUp.body.user.id, token: signedUp.body.accessToken }
  }

  async function organizationOf(owner: Person, slug: string): Promise<Organization> {
    const made = await ask<{ organization: Organization }>(owner.token, 'POST', paths.createOrganization, {
      name: `The company ${slug}`,
      slug,
    })
    expect(made.status).toBe(201)
    return made.body.organization
  }

  /** Returns the secret of the newest invitation to an address. */
  async function invitationFor(email: string): Promise<string> {
    const { body } = await ask<{ mails: { to: string; text: string }[] }>(null, 'GET', paths.inbox)
    const mail = body.mails.find(({ to, text }) => to === email && text.includes('/invitation#'))
    return /\/invitation#token=(\S+)/.exec(mail?.text ?? '')?.[1] ?? ''
  }

  /** Adds a member with these roles. The owner invites, and the member accepts with the mailed link. */
  async function join(owner: Person, organization: string, member: Person, roles: string[]): Promise<void> {
    const invited = await ask(owner.token, 'POST', at(organization, '/invitations'), {
      email: member.email,
      roles,
    })
    expect(invited.status).toBe(201)
    const token = await invitationFor(member.email)
    expect((await ask(member.token, 'POST', paths.acceptInvitation, { token })).status).toBe(200)
  }

  async function signedIn(
    person: Person,
    path = '/dashboard',
    baseURL = app.url,
  ): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ baseURL })
    const page = await context.newPage()
    await page.goto(path)
    await fillSignIn(page, person.email, password)
    await page.waitForURL((url) => !url.pathname.startsWith('/login'))
    return { context, page }
  }

  return {
    app,
    api,
    browser,
    ask,
    somebody,
    organizationOf,
    invitationFor,
    join,
    signedIn,
    stop: async () => {
      for (const end of endings) await end()
    },
  }
}

/** Starts an API that verifies each token, and responds with the organization and the roles of it. */
async function startApi(system: System, endings: (() => unknown)[]) {
  const seen: Accepted[] = []
  const verifier = createVerifier({
    issuer: system.authUrl,
    audience: 'billing-api',
    organizations: 'required',
    feed: {
      url: system.authUrl + paths.revocations,
      introspectUrl: system.authUrl + paths.introspect,
      credential: system.authEnv.SALLYPORT_VERIFIER_SECRET ?? '',
    },
  })
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json')
    try {
      const principal = await verifier.verify((request.headers.authorization ?? '').replace(/^Bearer /, ''))
      const { organizationId, roles, userId } = principal
      seen.push({ method: request.method ?? '', organization: organizationId, userId })
      response.end(JSON.stringify({ organization: organizationId ?? null, roles }))
    } catch (error) {
      const { status = 500, code = 'internal_error' } = error as { status?: number; code?: string }
      response.writeHead(status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ type: 'about:blank', title: code, status, code }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.unshift(
    () => server.close(),
    () => verifier.close(),
  )
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
