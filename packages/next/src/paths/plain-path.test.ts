import { describe, expect, it } from 'vitest'
import { isPlainPath } from './plain-path.ts'

describe('a path that all servers read in the same way', () => {
  it.each([
    '/',
    '/a',
    '/a/b/',
    "/-._~!$&'()*+,;=:@|[]09azAZ",
    '/%41%2f%C3%BC',
    '/a.b/...',
    '/.a/..a/a../a..b',
    '/a;b=c/;x',
    '/100%25',
    '/%20',
    '/%e0%a0%80',
    '/%f0%90%80%80',
    '/%20.',
  ])('%j', (path) => expect(isPlainPath(path)).toBe(true))
})

describe('a path that servers read differently', () => {
  it.each([
    '',
    'a',
    ' /a',
    '//',
    '//a',
    '/a//b',
    '/a//',
    '/a b',
    '/a\\b',
    '/a?b',
    '/a#b',
    '/a"b',
    '/a<b',
    '/a\n',
    '/ü',
    '/%',
    '/%4',
    '/%zz',
    '/%4z',
    '/%z4',
    '/a%',
    '/.',
    '/..',
    '/./a',
    '/a/../b',
    '/a/..',
    '/..;a/b',
    '/.;',
    '/a/..;',
    '/%2e',
    '/%2E%2e/a',
    '/.%2e',
    '/%252e%252e/a',
    '/a%2f..%2fb',
    '/a%5c..%5cb',
    '/..%5ca',
    '/..%3fa',
    '/..%23a',
    '/..%20',
    '/..%20;a',
    '/.%20/a',
    '/%00',
    '/%0a',
    '/%1f',
    '/%1F',
    '/%7f',
    '/%7F',
    '/%c0%af',
    '/%C1%9c',
    '/%e0%80%af',
    '/%e0%9f%bf',
    '/%f0%80%80%af',
    '/%f0%8f%bf%bf',
    '/%25c0%25af',
    '/%2500',
  ])('%j', (path) => expect(isPlainPath(path)).toBe(false))

  it('includes paths that are encoded more often than servers decode', () => {
    const encoded = (times: number) => `/%${'25'.repeat(times)}41`
    expect(isPlainPath(encoded(7))).toBe(true)
    expect(isPlainPath(encoded(8))).toBe(false)
  })
})
