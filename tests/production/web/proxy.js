import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/'] })
export const config = { matcher: ['/((?!api/|_next/static|_next/image|.*\\.).*)'] }
