import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { routes } from '../testing/every-route.ts'
import { bearer, startSallyport } from '../testing/sallyport.ts'

const year = 365 * 24 * 3600

test('over https every response and refusal has the security headers [ASVS 3.4.1, 3.4.3, 3.4.4, 3.4.5, 3.4.6]', async () => {
  const server = await startSallyport({
    issuer: 'https://auth.example.com',
    origins: 'https://app.example.com',
    apiReference: true,
  })
  await server.addUser()
  const { accessToken } = await server.signIn()
  const addresses = Object.keys(routes).map((path) => path.replace(':id', 'x'))
  for (const path of [...addresses, '/none'])
    for (const method of ['GET', 'POST']) {
      const answer = await server.fetch(path, { method, headers: bearer(accessToken) })
      await answer.body?.cancel()
      const header = (name: string) => answer.headers.get(name) ?? ''
      const where = `${method} ${path}: ${answer.status}`
      const [, age = '0', rest = ''] = /^max-age=(\d+)(.*)$/.exec(header('strict-transport-security')) ?? []
      expect(Number(age), where).toBeGreaterThanOrEqual(year)
      expect(rest, where).toBe('; includeSubDomains')
      expect(header('x-content-type-options'), where).toBe('nosniff')
      expect(header('referrer-policy'), where).toBe('no-referrer')
      const policy = header('content-security-policy').split('; ')
      for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
        expect(policy, where).toContain(directive)
    }
})

test('on plain http there is no HSTS', async () => {
  const server = await startSallyport()
  expect((await server.get(paths.health)).headers.get('strict-transport-security')).toBeNull()
})
