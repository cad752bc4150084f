import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeDevice } from './device.ts'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

describe('the name of a device', () => {
  it.each([
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/142.0.0.0 Safari/537.36`,
      'Chrome on Windows',
      'computer',
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
      'Edge on Windows',
      'computer',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
      'Safari on macOS',
      'computer',
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      'Firefox on Linux',
      'computer',
    ],
    [
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/142.0.0.0 Safari/537.36`,
      'Chrome on Chrome OS',
      'computer',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
      'phone',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1',
      'Chrome on iPhone',
      'phone',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
      'Safari on iPad',
      'tablet',
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/142.0.0.0 Mobile Safari/537.36`,
      'Chrome on Android',
      'phone',
    ],
    [
      `Mozilla/5.0 (Linux; Android 16; SM-S918B) ${webkit} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet on Android',
      'phone',
    ],
    [
      `Mozilla/5.0 (Linux; Android 16; Pixel Tablet) ${webkit} Chrome/142.0.0.0 Safari/537.36`,
      'Chrome on Android',
      'tablet',
    ],
  ])('%s', (userAgent, name, kind) => {
    expect(describeDevice(userAgent)).toEqual({ name, kind })
  })

  it.each([
    null,
    '',
    ' ',
    'curl/8.5.0',
    'node',
    '<img src=x onerror=alert(1)>/1.0',
    'toString/1',
    '__proto__ constructor',
  ])('%j is an unknown browser', (userAgent) =>
    expect(describeDevice(userAgent)).toEqual({ name: 'Unknown browser', kind: 'unknown' }),
  )

  it('never contains text of the user agent', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'Mozilla/5.0',
        '(iPhone;',
        'Windows NT',
        'Android 1',
        'Chrome/1',
        'like Gecko)',
        'Version/1',
        'Smart-TV',
        'evilname/9',
      ),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { name } = describeDevice(pieces.join(' '))
        expect(name).toMatch(/^[A-Z][\w .-]{2,50}$/)
        expect(name).not.toContain('evil')
      }),
      { numRuns: 500 },
    )
  })

  it('is found quickly for a very long user agent', () => {
    const started = performance.now()
    for (const part of ['(', 'Chrome/', 'Android ', 'a', '; ', 'Version/1.'])
      describeDevice(part.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(500)
  })
})
