import { expect, test } from 'vitest'
import { isLoopbackHost } from './loopback.ts'

test.each([
  'http://localhost:4000',
  'http://LOCALHOST',
  'smtp://LocalHost',
  'http://app.localhost:3000',
  'http://a.b.localhost',
  'http://127.0.0.1:4000',
  'http://127.10.20.255',
  'http://127.1',
  'http://2130706433',
  'http://[::1]:4000',
  'http://[0:0:0:0:0:0:0:1]',
])('%s is this machine', (url) => {
  expect(isLoopbackHost(new URL(url).hostname)).toBe(true)
})

test.each([
  'http://example.com',
  'http://localhost.example.com',
  'http://mylocalhost',
  'http://.localhost',
  'http://localhost.',
  'http://127.0.0.1.example.com',
  'smtp://127.0.0.256',
  'smtp://127.0.0.01',
  'smtp://127.0.0.1.2',
  'smtp://127.1',
  'http://126.0.0.1',
  'http://128.0.0.1',
  'http://0.0.0.0',
  'http://10.0.0.1',
  'http://192.168.0.1',
  'http://169.254.169.254',
  'http://[::]',
  'http://[::2]',
  'http://[fe80::1]',
  'http://[::ffff:127.0.0.1]',
  'smtp:///path',
])('%s is not', (url) => {
  expect(isLoopbackHost(new URL(url).hostname)).toBe(false)
})
