import { isAllowed } from '@sallyport/protocol/principal'
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

/** Shows its children to those who may; hides a button, guards nothing. */
export function Can(props: {
  role?: string | readonly string[]
  permission?: string | readonly string[]
  fallback?: ReactNode
  children: ReactNode
}): ReactNode {
  const { principal } = useSession()
  const { role, permission, fallback = null, children } = props
  return principal !== null &&
    isAllowed(principal, { ...(role && { role }), ...(permission && { permission }) })
    ? children
    : fallback
}
