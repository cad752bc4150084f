import { meetsRequirement } from '@sallyport/protocol/principal'
import type { ReactNode } from 'react'
import { useSession } from './session-context.ts'

/** Renders its children for signed-in users. This is not an access check: the server decides what they contain. */
export function SignedIn({ children }: { children: ReactNode }): ReactNode {
  return useSession().status === 'signedIn' ? children : null
}

/** Renders its children for visitors who are not signed in. */
export function SignedOut({ children }: { children: ReactNode }): ReactNode {
  return useSession().status === 'signedOut' ? children : null
}

type Names = string | readonly string[]

/** The requirement of {@link Can}: a role, a permission, or both. Of a list, one name is enough. */
export type CanProps = { fallback?: ReactNode; children: ReactNode } & (
  | { role: Names; permission?: Names }
  | { role?: Names; permission: Names }
)

/**
 * Renders its children for users with the role or permission. It hides a button, and is not an access check. Nobody meets a role or
 * permission that is undefined or empty, because it is usually a misspelt name.
 */
export function Can(props: CanProps): ReactNode {
  const { principal } = useSession()
  const asked = (['role', 'permission'] as const).filter((name) => name in props)
  const isMeant = asked.length > 0 && asked.every((name) => props[name]?.length)
  return principal !== null && isMeant && meetsRequirement(principal, props)
    ? props.children
    : (props.fallback ?? null)
}
