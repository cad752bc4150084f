import { paths, problemResponse } from '@sallyport/protocol'
import { expect, it, vi } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { openPage } from '../testing/open-page.ts'

it('a refused front-end credential is an outage and a line in the log, never a sign-out', async () => {
  const { server, runtime } = startAuthServer()
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const refused = () => problemResponse('frontend_refused')
  for (const path of [paths.login, paths.refresh, paths.logout]) server.answers[`POST ${path}`] = refused
  const page = openPage(runtime, { refreshToken: 'refresh-0' })

  const body = JSON.stringify({ email: 'ada@example.com', password: 'open the second door' })
  expect(await page.ask('POST', paths.login, { body })).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  })
  expect(await page.ask('GET', paths.session)).toMatchObject({ status: 503 })
  expect(await page.ask('POST', paths.refresh)).toMatchObject({ status: 503 })
  expect(log.mock.calls).toEqual([[expect.stringMatching(/^Sallyport: .*SALLYPORT_FRONTEND_SECRET/)]])
  log.mockRestore()
})
