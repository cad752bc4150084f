import { problemResponse } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { expect, it, vi } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { openPage } from '../testing/open-page.ts'

it('treats a refused front-end credential as an outage, and signs nobody out', async () => {
  const { server, runtime } = startAuthServer()
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const refused = () => problemResponse('frontend_refused')
  for (const path of [paths.signIn, paths.refresh, paths.signOut]) server.answers[`POST ${path}`] = refused
  const page = openPage(runtime, { refreshToken: 'refresh-0' })

  const body = JSON.stringify({ email: 'ada@example.com', password: 'open the second door' })
  expect(await page.ask('POST', paths.signIn, { body })).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  })
  expect(await page.ask('GET', paths.readSession)).toMatchObject({ status: 503 })
  expect(await page.ask('POST', paths.refresh)).toMatchObject({ status: 503 })
  expect(log.mock.calls).toEqual([[expect.stringMatching(/^Sallyport: .*SALLYPORT_FRONTEND_SECRET/)]])
  log.mockRestore()
})
