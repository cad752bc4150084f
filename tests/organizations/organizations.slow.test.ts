import { organizationPermissions } from '@sallyport/protocol'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, startWorld } from './world.ts'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld('path')
}, 600_000)
afterAll(() => world.stop())

const shown = (page: Page) => page.locator('main').innerText()

test('two tabs in two organizations: pages, actions, the pass-through and scripts have that of their own address [G07]', async () => {
  const owner = await world.somebody()
  const one = await world.organizationOf(owner, 'tab-one')
  const two = await world.organizationOf(owner, 'tab-two')
  const { context, page } = await world.signedIn(owner, '/o/tab-one')
  const other = await context.newPage()
  await other.goto('/o/tab-two')
  for (const [tab, mine] of [
    [page, one],
    [other, two],
    [page, one],
  ] as const) {
    await tab.reload()
    const text = await shown(tab)
    expect(text).toContain(`The company ${mine.slug}`)
    expect(text).toContain(`Organization: ${mine.id}, roles: owner`)
    expect(text).toContain(`"organization":"${mine.id}"`)
    expect(text).toContain(`In the browser: ${mine.id}`)
    await tab.getByRole('button', { name: 'Ask' }).click()
    await expect.poll(() => shown(tab)).toMatch(new RegExp(`Answer: 200 .*"organization":"${mine.id}"`))
    world.api.seen.length = 0
    await tab.getByRole('button', { name: 'Send' }).click()
    await expect
      .poll(() => world.api.seen.filter(({ method }) => method === 'POST'))
      .toEqual([{ method: 'POST', organization: mine.id, userId: owner.id }])
  }
  // The pages without an organization have the session, and none of these roles.
  await page.goto('/dashboard')
  expect(await shown(page)).toContain('organization: none')
  // The browser never has a token of an organization.
  for (const { value } of await context.cookies()) {
    const [, payload = ''] = value.split('.')
    expect(Buffer.from(payload, 'base64url').toString('latin1')).not.toContain('"org"')
  }
})

test('a page of an organization is not found for others, also for a former member, and the sign-in leads to it [G01]', async () => {
  const [owner, member, outsider] = [await world.somebody(), await world.somebody(), await world.somebody()]
  await world.organizationOf(owner, 'closed')
  await world.join(owner, 'closed', member, ['member'])

  const visitor = await (await world.browser.newContext({ baseURL: world.app.url })).newPage()
  await visitor.goto('/o/closed/reports?a=1')
  expect(new URL(visitor.url()).pathname).toBe('/login')
  expect(new URL(visitor.url()).searchParams.get('returnTo')).toBe('/o/closed/reports?a=1')

  const { page: theirs } = await world.signedIn(outsider)
  for (const path of ['/o/closed', '/o/closed/reports', '/o/no-such-one', '/o/CLOSED', '/o/closed%2Freports'])
    expect((await theirs.goto(path))?.status(), path).toBe(404)
  expect((await theirs.goto('/o/closed/unruled'))?.status()).toBe(404)
  const refused = await theirs.request.get('/api/o/closed/whoami')
  expect([refused.status(), await refused.json()]).toMatchObject([404, { code: 'not_found' }])

  const { page } = await world.signedIn(member, '/o/closed')
  expect(await shown(page)).toContain('roles: member')
  await page.getByRole('button', { name: 'Leave' }).click()
  await expect.poll(async () => (await page.goto('/o/closed'))?.status()).toBe(404)
  expect((await page.request.get('/api/o/closed/whoami')).status()).toBe(404)
  // The session is still open.
  await page.goto('/dashboard')
  expect(await shown(page)).toContain('Dashboard')
  await page.goBack()
  expect(await page.locator('body').innerText()).not.toContain('Organization:')
})

test('rules and guards require the roles in the organization, and a change of them works at once [G03, G06]', async () => {
  const [owner, member] = [await world.somebody(), await world.somebody()]
  await world.organizationOf(owner, 'roles-one')
  await world.organizationOf(member, 'roles-two')
  await world.join(owner, 'roles-one', member, ['member'])
  const { page } = await world.signedIn(member)
  // The member owns another organization. Its roles are of no use here.
  expect((await page.goto('/o/roles-two/reports'))?.status()).toBe(200)
  expect((await page.goto('/o/roles-one/reports'))?.status()).toBe(403)
  expect((await page.goto('/o/roles-one/unruled'))?.status()).toBe(403)
  await page.goto('/o/roles-one')
  expect(await shown(page)).toContain('No reports')

  const change = (roles: string[]) =>
    world.ask(owner.token, 'PATCH', at('roles-one', `/members/${member.id}`), { roles })
  expect((await change(['finance'])).status).toBe(200)
  await expect.poll(async () => (await page.goto('/o/roles-one/reports'))?.status()).toBe(200)
  expect((await page.goto('/o/roles-one/unruled'))?.status()).toBe(200)
  expect((await change(['member'])).status).toBe(200)
  await expect.poll(async () => (await page.goto('/o/roles-one/reports'))?.status()).toBe(403)
  const asked = await page.request.get('/api/o/roles-one/whoami')
  expect(await asked.json()).toMatchObject({ roles: ['member'] })
  expect((await world.ask(owner.token, 'DELETE', at('roles-one', `/members/${member.id}`))).status).toBe(204)
  await expect.poll(async () => (await page.goto('/o/roles-one'))?.status()).toBe(404)
})

test('a former address redirects to the new one, with path and query', async () => {
  const owner = await world.somebody()
  await world.organizationOf(owner, 'old-name')
  const { page } = await world.signedIn(owner, '/o/old-name/reports')
  expect((await world.ask(owner.token, 'PATCH', at('old-name'), { slug: 'new-name' })).status).toBe(200)
  await expect
    .poll(async () => {
      await page.goto('/o/old-name/reports?a=%2F')
      return page.url().slice(world.app.url.length)
    })
    .toBe('/o/new-name/reports?a=%2F')
})

test('an organization that demands two factors leads to the confirm page', async () => {
  const owner = await world.somebody()
  await world.organizationOf(owner, 'demanding')
  const { page } = await world.signedIn(owner, '/o/demanding')
  const demands = { secondFactor: true, maxAgeSeconds: null }
  expect((await world.ask(owner.token, 'PATCH', at('demanding'), { demands })).status).toBe(200)
  await expect
    .poll(async () => {
      await page.goto('/o/demanding')
      return new URL(page.url()).pathname
    })
    .toBe('/confirm')
  expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/o/demanding')
  const refused = await page.request.get('/api/o/demanding/whoami')
  expect([refused.status(), await refused.json()]).toMatchObject([
    401,
    { code: 'insufficient_user_authentication' },
  ])
})

test('an action creates an organization, and scripts manage it through the same paths as at the auth server', async () => {
  const owner = await world.somebody()
  const { page } = await world.signedIn(owner)
  await page.getByLabel('Name').fill('Made by hand')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL('**/o/made-by-hand-*')
  const slug = new URL(page.url()).pathname.slice('/o/'.length)
  const own = { headers: { origin: world.app.url } }
  const invited = await page.request.post(`/api/auth/organizations/${slug}/invitations`, {
    ...own,
    data: { email: 'new@example.com', roles: ['member'] },
  })
  expect(invited.status()).toBe(201)
  const { invitation } = await invited.json()
  const path = `/api/auth/organizations/${slug}/invitations`
  expect(await (await page.request.get(path)).json()).toMatchObject({ invitations: [{ id: invitation.id }] })
  expect((await page.request.get(`${path}?after=a&after=b`)).status()).toBe(400)
  expect((await page.request.get(`${path}?other=1`)).status()).toBe(400)
  expect((await page.request.put(path, own)).status()).toBe(405)
  expect((await page.request.delete(`${path}/..%2Fmembers`, own)).status()).toBe(404)
  expect((await page.request.delete(`${path}/${invitation.id}`)).status()).toBe(403)
  expect((await page.request.delete(`${path}/${invitation.id}`, own)).status()).toBe(204)
  const { roles, permissions } = (await (await page.request.get(`/api/auth/organizations/${slug}`)).json())
    .organization
  expect(roles).toEqual(['owner'])
  expect(permissions).toEqual(expect.arrayContaining([...organizationPermissions]))
})
