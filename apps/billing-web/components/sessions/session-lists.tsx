import { redirect } from 'next/navigation'
import { sessions } from '../../auth.ts'
import { addressOf } from '../../billing/query.ts'
import { listSignature } from '../../session/list-signature.ts'
import { toListedSession } from '../../session/listed-session.ts'
import { OtherSessions } from './other-sessions.tsx'
import { SessionsUnavailable } from './sessions-unavailable.tsx'
import { SignOutEverywhere } from './sign-out-everywhere.tsx'
import { ThisSession } from './this-session.tsx'

/** The user's sessions. They are requested from the auth server for each rendering. */
export async function SessionLists({ path }: { path: string }) {
  const listed = await sessions.list()
  const nowMs = Date.now()
  // If the response is a 401, this session has ended, and the user must sign in again.
  if (!listed.ok && listed.problem.status === 401) redirect(addressOf('/login', { returnTo: path }))
  if (!listed.ok) return <SessionsUnavailable renderedAtMs={nowMs} />
  const all = listed.sessions.map(toListedSession)
  return (
    <div className="space-y-6">
      {all
        .filter(({ isCurrent }) => isCurrent)
        .map((session) => (
          <ThisSession key={session.id} session={session} nowMs={nowMs} />
        ))}
      <OtherSessions
        sessions={all.filter(({ isCurrent }) => !isCurrent)}
        shown={listSignature(listed.sessions)}
        nowMs={nowMs}
      />
      <SignOutEverywhere />
    </div>
  )
}
