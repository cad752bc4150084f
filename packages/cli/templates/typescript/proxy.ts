import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/', '/login', '/login/second-factor'] })
// The proxy runs for every path, except /api and the files that Next has built. The handlers below /api check access themselves.
export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
