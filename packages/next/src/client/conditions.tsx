import type { Access } from '@sallyport/protocol'
import type { ReactNode } from 'react'
import { type AskedNames, useSession } from './session-context.ts'

/** Renders its children only for signed-in users. This is not an access check. The browser receives the children in any case. */
export function SignedIn({ children }: { children: ReactNode }): ReactNode {
  return useSession().status === 'signedIn' ? children : null
}

/** Renders its children only for visitors who are not signed in. */
export function SignedOut({ children }: { children: ReactNode }): ReactNode {
  return useSession().status === 'signedOut' ? children : null
}

/** The properties of {@link Can}: a role, a permission, or both. If a property is a list of names, the user needs only one of them. */
export type CanProps<Defined extends Access = Access> = { fallback?: ReactNode; children: ReactNode } & (
  | (Required<Pick<AskedNames<Defined>, 'role'>> & Pick<AskedNames<Defined>, 'permission'>)
  | (Required<Pick<AskedNames<Defined>, 'permission'>> & Pick<AskedNames<Defined>, 'role'>)
)

/**
 * Renders its children only for users with the role or permission, for example to hide a button. This is not an access check. If the role
 * or permission is undefined or empty, nobody sees the children, because such a value usually comes from a misspelt name.
 */
export function Can(props: CanProps): ReactNode {
  return useSession().can(props) ? props.children : (props.fallback ?? null)
}
