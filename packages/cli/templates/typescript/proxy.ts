import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/', '/login'] })
// Everything but /api, whose handlers check for themselves, and what Next has built.
export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
