import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/', '/login', '/signup'] })

export const config = {
  matcher: ['/((?!api/|_next/static|_next/image|favicon.ico|icon.svg).*)'],
}
