import type { Principal } from '@sallyport/next/server'
import { Day, Moment } from '../surface/day.tsx'
import { Fact, Facts } from '../surface/facts.tsx'

/** Names of authentication methods (RFC 8176). */
const methodNames: Record<string, string> = {
  pwd: 'Password',
  otp: 'Code',
  hwk: 'Passkey',
  swk: 'Passkey',
  fed: 'Linked account',
}

/** Returns how the user has signed in, in words. `mfa` and `user` only say something about the other methods. */
function methodsInWords(methods: readonly string[]): string {
  const named = methods.filter((method) => method !== 'mfa' && method !== 'user')
  return [...new Set(named.map((method) => methodNames[method] ?? method))].join(', ')
}

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
      <Fact label="Signed in with">{methodsInWords(methods)}</Fact>
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
