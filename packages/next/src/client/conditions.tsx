import { meetsRequirement } from '@sallyport/protocol/principal'
import type { ReactNode } from 'react'
import { useSession } from './session-context.ts'

/** Shows its children to somebody signed in. A comfort: the server decides what is in them. */
export function SignedIn({ children }: { children: ReactNode }): ReactNode {
  return useSession().status === 'signedIn' ? children : null
}

/** Shows its children to nobody signed in. */
export function SignedOut({ children }: { children: ReactNode }): ReactNode {
  return useSession().status === 'signedOut' ? children : null
}

type Names = string | readonly string[]

/** What {@link Can} asks for: a role, a permission, or both. Of a list, one name is enough. */
export type CanProps = { fallback?: ReactNode; children: ReactNode } & (
  | { role: Names; permission?: Names }
  | { role?: Names; permission: Names }
)

/**
 * Shows its children to those who may; hides a button, guards nothing. A role or permission that is undefined or empty is met by
 * nobody: it is a misspelt name, and not the wish to let everybody in.
 */
export function Can(props: CanProps): ReactNode {
  const { principal } = useSession()
  const asked = (['role', 'permission'] as const).filter((name) => name in props)
  const isMeant = asked.length > 0 && asked.every((name) => props[name]?.length)
  return principal !== null && isMeant && meetsRequirement(principal, props)
    ? props.children
    : (props.fallback ?? null)
}
