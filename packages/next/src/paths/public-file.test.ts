import { describe, expect, it } from 'vitest'
import { canShowPage, isPublicFile } from './public-file.ts'

describe('a path with a file extension is a file', () => {
  it.each([
    '/favicon.ico',
    '/fonts/inter.woff2',
    '/manifest.json',
    '/sw.js',
    '/terms.PDF',
    '/intro.mp4',
    '/app.js.map',
    '/talk.opus',
    '/figures.xlsx',
    '/sources.tar.gz',
    '/key.asc',
    '/.well-known/assetlinks',
    '/.well-known/acme-challenge/x',
    '/icon',
    '/icon1',
    '/icon/',
    '/opengraph-image/2/',
    '/icon/small',
    '/blog/post/opengraph-image',
    '/blog/post/opengraph-image-1x2y3z',
    '/twitter-image/2',
    '/apple-icon',
    '/sitemap/0.xml',
  ])('%s', (pathname) => expect(isPublicFile(pathname)).toBe(true))

  it.each([
    '/',
    '/users/john.doe',
    '/users/jane.me',
    '/v1.2',
    '/sites/example.com',
    '/well-known/x',
    '/a/.well-known/x',
    '/.well-known',
    '/icons',
    '/my-icon',
    '/icon/small/large',
    '/opengraph-images',
    '/pdf',
    '/a.pdf/pages',
    '/dashboard.rsc',
  ])('not %s', (pathname) => expect(isPublicFile(pathname)).toBe(false))
})

it('redirects only requests for pages and requests of scripts', () => {
  const of = (dest?: string) => canShowPage(new Headers(dest ? { 'sec-fetch-dest': dest } : {}))
  for (const dest of [undefined, 'document', 'iframe', 'empty', 'embed']) expect(of(dest)).toBe(true)
  for (const dest of ['image', 'font', 'script', 'worker', 'manifest', 'nonsense'])
    expect(of(dest)).toBe(false)
})
