import { expect, test } from 'vitest'
import { describeDevice } from './device-name.ts'

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  // The parser uses the beginning of an unknown user agent as the name of the browser.
  ['Pay at https://evil.example/x foo', 'an unknown browser'],
  ['Call +1 555 0100 now/1 x', 'an unknown browser'],
  ['evil.example/1 (Windows NT 10.0)', 'an unknown browser on Windows'],
  ['curl/8.11.0', 'an unknown browser'],
  ['', 'an unknown device'],
  [null, 'an unknown device'],
])('describes the user agent %j as %j', (userAgent, device) => {
  expect(describeDevice(userAgent)).toBe(device)
})
