import { describe, expect, test } from 'vitest'
import { clearedDuplicatesOf } from './duplicate-cookies.ts'

const names = ['__Host-accessToken', '__Secure-accessToken', 'accessToken']
const both = 'accessToken=a; accessToken=b; __Secure-accessToken=a; __Secure-accessToken=b'
const at = (headers: Record<string, string>, url?: string, originalUrl?: string) =>
  clearedDuplicatesOf({ headers, url, originalUrl }, names)

describe('duplicate cookies', () => {
  test.each(['example.com', 'example.com:8443', 'my-api.example.com'])('are cleared at %s', (host) => {
    const lines = at({ cookie: both, host }, '/a')
    const [hostname] = host.split(':')
    expect(lines).toContain(`accessToken=; Path=/; Max-Age=0; Domain=${hostname}`)
    expect(lines).toContain(`__Secure-accessToken=; Path=/a; Max-Age=0; Domain=${hostname}; Secure`)
  })

  test('are cleared with Secure only if their name requires it', () => {
    const lines = at({ cookie: both, host: 'example.com' })
    expect(lines.length).toBeGreaterThan(4)
    for (const line of lines) expect(/; Secure(?:;|$)/.test(line), line).toBe(line.startsWith('__Secure-'))
  })

  test.each(['', 'example.com; Domain=evil.test', 'example.com:8443x', 'a b', 'x@example.com', '[::1]'])(
    'are not cleared if the host is %j',
    (host) => {
      expect(at({ cookie: both, host })).toEqual([])
      expect(at({ cookie: both })).toEqual([])
    },
  )

  test('are cleared on the paths of the URL that the browser sent, not of a rewritten one', () => {
    const lines = at({ cookie: both, host: 'example.com' }, '/short', '/api/long?a=1')
    expect(lines.filter((line) => line.includes('Path=/api;'))).not.toEqual([])
    expect(lines.filter((line) => line.includes('short'))).toEqual([])
  })

  test('are not cleared without a valid URL; other cookies never are', () => {
    expect(at({ cookie: both, host: 'example.com' }, 'http://[')).toEqual([])
    for (const cookie of ['accessToken=a', 'theme=a; theme=b', '__Host-accessToken=a; __Host-accessToken=b'])
      expect(at({ cookie, host: 'example.com' })).toEqual([])
    expect(at({ host: 'example.com' })).toEqual([])
  })
})
