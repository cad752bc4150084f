import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/open'] })
// The proxy does not match the pages below /alone, because these pages show the cost of the guard in the page.
export const config = { matcher: ['/open', '/guarded'] }
