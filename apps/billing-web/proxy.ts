import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({
  publicPaths: [
    '/',
    '/login',
    '/login/code',
    '/login/link',
    '/login/second-factor',
    '/signup',
    '/signup/passkey',
    '/verify',
    '/verify/again',
    '/forgot',
    '/reset',
    '/verify-new-address',
    '/deleted',
    '/inbox',
  ],
})

export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)?'] }
