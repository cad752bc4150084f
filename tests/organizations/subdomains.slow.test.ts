import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, startWorld } from './world.ts'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld('subdomain')
}, 600_000)
afterAll(() => world.stop())

/** Returns the address of an organization's pages. */
const hostOf = (slug: string) => world.app.url.replace('//', `//${slug}.`)

test('each host has its own organization: pages, actions, the pass-through and scripts', async () => {
  const owner = await world.somebody()
  const made = {
    'host-one': await world.organizationOf(owner, 'host-one'),
    'host-two': await world.organizationOf(owner, 'host-two'),
  }
  for (const [slug, { id, name }] of Object.entries(made)) {
    const { page } = await world.signedIn(owner, '/home', hostOf(slug))
    const shown = () => page.locator('main').innerText()
    expect(await shown()).toContain(name)
    expect(await shown()).toContain(`Organization: ${id}, roles: owner`)
    expect(await shown()).toContain(`"organization":"${id}"`)
    await page.getByRole('button', { name: 'Ask' }).click()
    await expect.poll(shown).toMatch(new RegExp(`Answer: 200 .*"organization":"${id}"`))
    world.api.seen.length = 0
    await page.getByRole('button', { name: 'Send' }).click()
    await expect
      .poll(() => world.api.seen.filter(({ method }) => method === 'POST'))
      .toEqual([{ method: 'POST', organization: id, userId: owner.id }])
  }
})

test('the pages of a host are not found for people who are not members', async () => {
  const [owner, outsider] = [await world.somebody(), await world.somebody()]
  await world.organizationOf(owner, 'host-closed')
  const { page } = await world.signedIn(outsider, '/reports', hostOf('host-closed'))
  for (const path of ['/home', '/reports', '/unruled', '/dashboard'])
    expect((await page.goto(path))?.status(), path).toBe(404)
  expect((await page.goto('/'))?.status()).toBe(200)
  expect(await page.evaluate(async () => (await fetch('/api/whoami')).status)).toBe(404)
  const nobodys = await world.signedIn(outsider, '/home', hostOf('no-such-host'))
  expect((await nobodys.page.goto('/home'))?.status()).toBe(404)
})

test('rules require the roles in the organization, and a former host redirects to the new one', async () => {
  const [owner, member] = [await world.somebody(), await world.somebody()]
  await world.organizationOf(owner, 'host-old')
  await world.join(owner, 'host-old', member, ['member'])
  const { page } = await world.signedIn(member, '/home', hostOf('host-old'))
  expect((await page.goto('/reports'))?.status()).toBe(403)
  expect((await page.goto('/unruled'))?.status()).toBe(403)
  expect((await world.ask(owner.token, 'PATCH', at('host-old'), { slug: 'host-new' })).status).toBe(200)
  await expect
    .poll(async () => {
      await page.goto(`${hostOf('host-old')}/home?a=1`)
      return page.url()
    })
    // Each host has cookies of its own here, so the new one asks for a sign-in.
    .toMatch(new RegExp(`^${hostOf('host-new')}/login\\?returnTo=`))
})
