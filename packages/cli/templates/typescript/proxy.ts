import { authProxy } from '@sallyport/next/proxy'

// @if secondFactor mail
export const proxy = authProxy({
  publicPaths: ['/', '/login', '/login/second-factor', '/login/code', '/login/link'],
})
// @end
// @if secondFactor !mail
//: export const proxy = authProxy({ publicPaths: ['/', '/login', '/login/second-factor'] })
// @end
// @if !secondFactor mail
//: export const proxy = authProxy({ publicPaths: ['/', '/login', '/login/code', '/login/link'] })
// @end
// @if !secondFactor !mail
//: export const proxy = authProxy({ publicPaths: ['/', '/login'] })
// @end
// The proxy runs for every path, except /api and the files that Next has built. The handlers below /api check access themselves.
export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
