import { authProxy } from '@sallyport/next/proxy'

export const proxy = authProxy({ publicPaths: ['/open'] })
// The pages below /alone never meet the proxy: they show what the guard in the page costs by itself.
export const config = { matcher: ['/open', '/guarded'] }
