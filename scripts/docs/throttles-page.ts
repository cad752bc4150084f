import {
  mostKnownDevices,
  passwordDelays,
  type Quota,
  throttlePolicy,
} from '../../packages/server/src/flows/throttle-policy.ts'

/** docs/throttles.md, from the one table of numbers. */
export function throttlesPage(): string {
  const rows = Object.entries(throttlePolicy).map(([name, policy]) => {
    const { counts, address, network, overall }: Policy = policy
    return `| \`${name}\` | ${counts} | ${quota(address)} | ${quota(network)} | ${quota(overall)} |`
  })
  const { free, firstWait, longestWait, most, forgottenAfter } = passwordDelays
  return `<!-- Generated from packages/server/src/flows/throttle-policy.ts by \`npm run docs\`. -->

# Throttles

What slows down whoever guesses, floods or mails in somebody else's name. All counts stand in the database: every process sees them, and a restart forgets none. When the database cannot be asked, the answer is 503; nobody gets in uncounted.

## Wrong passwords for one account

| what | number |
|---|---|
| wrong passwords in a row that cost nothing | ${free} |
| wait before the next, which then doubles each time | ${lasting(firstWait)} |
| longest wait | ${lasting(longestWait)} |
| wrong passwords in a row after which a password alone opens nothing | ${most} |
| all of it is forgotten after | ${lasting(forgottenAfter)} |

The right password ends the count. After ${most}, the owner chooses a new password by mail, or an operator says \`sallyport users unlock\`, and the count begins anew; the [trail](operations.md) says \`account_locked\`. An address without an account is counted in the same way, so nobody learns which there are.

**A stranger cannot lock the owner out.** A browser that has signed in to an account before is known by a cookie of its own (\`sallyport_device\`: opaque, HTTP-only, 400 days, signs nobody in). It has a count of its own, with the same numbers, and the counts of others do not concern it. An account knows its last ${mostKnownDevices} browsers; a new password by mail forgets them all. Whoever signs in on a new one is told so by mail. Clients without cookies get the value in the header \`sallyport-device\` and send it along at the next sign-in.

The same numbers hold, separately, where somebody who is signed in is asked for the password again: a stolen session is not good for guessing it.

## Windows

So many in so much time; then none until the window has ended. A network is one IPv4 address, or the /64 of an IPv6 address. What is refused is not counted. A right password is not counted either, and a known browser is not concerned. \`SALLYPORT_THROTTLE_SCALE\` multiplies every number of this table, for a school or a company that sends many people from one address.

| name | counts | for one address | for one network | overall |
|---|---|---|---|---|
${rows.join('\n')}

## What a refusal looks like

\`429\` with the code \`too_many_requests\`, \`Retry-After\` in seconds, and for your own network's window \`RateLimit\` and \`RateLimit-Policy\` ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)), which stand on answers before it too:

\`\`\`http
HTTP/1.1 429 Too Many Requests
Retry-After: 512
RateLimit-Policy: "sign_in_network";q=${throttlePolicy.sign_in.network.tries};w=${throttlePolicy.sign_in.network.seconds}
RateLimit: "sign_in_network";r=0;t=512
\`\`\`

Whose network it is, the server learns as [the security model](security-model.md) says: from your Next server, which proves itself; from so many proxies as you have set; or from the socket. Behind a proxy that it has not been told of, everybody is one network: set \`SALLYPORT_TRUSTED_PROXY_HOPS\`. Watch \`sallyport_throttled_total\` ([operations](operations.md)).
`
}

type Policy = { counts: string; address?: Quota; network?: Quota; overall?: Quota }

function quota(of: Quota | undefined): string {
  return of === undefined ? '' : `${of.tries.toLocaleString('en')} in ${lasting(of.seconds)}`
}

function lasting(seconds: number): string {
  const [unit, size] =
    seconds % 86_400 === 0
      ? (['day', 86_400] as const)
      : seconds % 3_600 === 0
        ? (['hour', 3_600] as const)
        : seconds % 60 === 0
          ? (['minute', 60] as const)
          : (['second', 1] as const)
  const count = seconds / size
  return count === 1 ? `${unit === 'hour' ? 'an' : 'a'} ${unit}` : `${count} ${unit}s`
}
