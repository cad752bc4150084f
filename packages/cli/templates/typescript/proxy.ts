import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/', '/login'] })
export const config = {
  // Pages, and neither what Next has built nor pictures and the like in public/. The proxy sees none of these: a page guards itself.
  matcher: [
    '/((?!api/|_next/static|_next/image|.*\\.(?:ico|svg|png|jpe?g|gif|webp|avif|txt|xml|webmanifest)$).*)',
  ],
}
