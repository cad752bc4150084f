'use client'

export type { Principal } from '@sallyport/protocol'
export { Can, SignedIn, SignedOut } from './client/conditions.tsx'
export { type ClientSession, SessionProvider, useSession } from './client/session-provider.tsx'
