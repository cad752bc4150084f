import { useRouter } from 'next/navigation.js'
import { type ReactNode, useCallback, useContext, useMemo, useRef } from 'react'
import type { InitialSession } from './initial-session.ts'
import { type ClientSession, SessionContext } from './session-context.ts'

/** The minimum time, in milliseconds, between two renders of the page because of a refusal. */
const renderAgainMs = 5_000

/**
 * Gives the components below it the user's roles and permissions in one organization: `useSession` and `<Can>` use these instead of those of
 * the session. This is not an access check. If an API refuses a request with 403 or 404, the page is rendered again, because the user's
 * roles may have changed.
 *
 * Put it into the layout of the organization, below the {@link SessionProvider}.
 *
 * @param props.initial The principal in the organization. Pass `auth.organization(slug)()` without `await`, or its result.
 * @example
 * // app/o/[slug]/layout.tsx
 * <OrganizationProvider initial={auth.organization(slug)()}>{children}</OrganizationProvider>
 */
export function OrganizationProvider({
  initial,
  children,
}: {
  initial: InitialSession
  children: ReactNode
}): ReactNode {
  const outer = useContext(SessionContext)
  if (outer === null) throw new Error('OrganizationProvider needs a <SessionProvider> above it.')
  const router = useRouter()
  const renderedAt = useRef(Number.NEGATIVE_INFINITY)
  const send = outer.fetch
  const fetch = useCallback<ClientSession['fetch']>(
    async (...sent) => {
      const response = await send(...sent)
      const isRefused = response.status === 403 || response.status === 404
      if (isRefused && performance.now() - renderedAt.current > renderAgainMs) {
        renderedAt.current = performance.now()
        router.refresh()
      }
      return response
    },
    [send, router],
  )
  // After a sign-out in another tab, nobody is signed in here either.
  const learned = outer.learned === null ? null : undefined
  const { signOut } = outer
  const provided = useMemo(() => ({ initial, learned, signOut, fetch }), [initial, learned, signOut, fetch])
  return <SessionContext value={provided}>{children}</SessionContext>
}
