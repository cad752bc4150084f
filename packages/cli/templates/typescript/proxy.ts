import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/', '/login'] })
// The proxy runs for all paths except /api, whose handlers check access themselves, and the files that Next has built.
export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
