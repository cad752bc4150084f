'use client'

export type { Principal } from '@sallyport/protocol'
export { type ClientAccess, clientAccess } from './client/client-access.ts'
export { Can, SignedIn, SignedOut } from './client/conditions.tsx'
export { type ClientSession, useSession } from './client/session-context.ts'
export { SessionProvider } from './client/session-provider.tsx'
