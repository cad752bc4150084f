'use client'

export type { Principal } from '@sallyport/protocol'
export { Can, SignedIn, SignedOut } from './client/conditions.tsx'
export { type ClientSession, useSession } from './client/session-context.ts'
export { SessionProvider } from './client/session-provider.tsx'
