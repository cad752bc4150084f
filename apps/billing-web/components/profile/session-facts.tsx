import type { Principal } from '@sallyport/next/server'
import { Day, Moment } from '../surface/day.tsx'
import { Fact, Facts } from '../surface/facts.tsx'

const methodNames: Record<string, string> = { pwd: 'Password' }

/** Facts about the session, from the verified principal. */
export function SessionFacts({ principal, joinedAtMs }: { principal: Principal; joinedAtMs: number | null }) {
  const { roles, permissions, methods, authenticatedAt, expiresAt, sessionId } = principal
  return (
    <Facts>
      <Fact label="Role">
        <span className="capitalize">{roles.join(', ') || 'None'}</span>
      </Fact>
      <Fact label="Member since">{joinedAtMs === null ? 'Unknown' : <Day timeMs={joinedAtMs} />}</Fact>
      <Fact label="Signed in">
        <Moment timeMs={authenticatedAt} />
      </Fact>
      <Fact label="Signed in with">{methods.map((method) => methodNames[method] ?? method).join(', ')}</Fact>
      <Fact label="Access token expires">
        <Moment timeMs={expiresAt} />
      </Fact>
      <Fact label="Session">
        <code className="font-mono text-[0.8125rem]">{sessionId}</code>
      </Fact>
      <Fact label="Permissions" className="col-span-full">
        <ul className="mt-1 flex flex-wrap gap-1.5">
          {permissions.map((permission) => (
            <li key={permission} className="rounded-md bg-sunken px-2 py-0.5 font-mono text-[0.8125rem]">
              {permission}
            </li>
          ))}
        </ul>
      </Fact>
    </Facts>
  )
}
