import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTwoWebs, type TwoWebs } from '../system/two-webs.ts'

const lifeSeconds = 60

let webs: TwoWebs
beforeAll(async () => {
  webs = await startTwoWebs({ SALLYPORT_ACCESS_TOKEN_TTL_SECONDS: String(lifeSeconds) })
})
afterAll(() => webs?.stop())

// The pages renew a minute before the end. With tokens of one minute each request did, and half a dozen page loads in two tabs were
// enough for one of them to send a token that was two rotations old: the owner was signed out as a thief.
it('access tokens of one minute sign out nobody who browses in two tabs [R02, R11]', {
  timeout: 60_000,
}, async () => {
  const started = performance.now()
  const device = await webs.signedIn('/dashboard')
  const other = await device.context.newPage()
  const pairs = [
    ['/invoices', '/customers'],
    ['/dashboard', '/reports'],
  ]
  for (let turn = 0; turn < 10; turn++) {
    for (const [mine = '', others = ''] of pairs) {
      const [one, two] = await Promise.all([
        device.page.goto(webs.edge.origin + mine),
        other.goto(webs.edge.origin + others),
      ])
      expect([one?.url(), two?.url()]).toEqual([webs.edge.origin + mine, webs.edge.origin + others])
    }
  }
  expect(webs.signOuts()).toEqual([])
  const halfLives = Math.floor((performance.now() - started) / (lifeSeconds * 500))
  const { generation, endedAt } = webs.row(device)
  expect(endedAt).toBeNull()
  expect(generation).toBeLessThanOrEqual(halfLives)
  await device.context.close()
})
