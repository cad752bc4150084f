import { networksOf } from '../../packages/server/src/flows/network.ts'
import {
  mostKnownDevices,
  passwordDelays,
  type Quota,
  type ThrottlePolicy,
  throttlePolicy,
} from '../../packages/server/src/flows/throttle-policy.ts'

/** docs/throttles.md, from the one table of numbers. */
export function throttlesPage(): string {
  const rows = Object.entries(throttlePolicy).map(([name, policy]) => {
    const { counts, address, network, overall, user }: ThrottlePolicy = policy
    const inTotal = overall ? `${quota(overall)}, then ${overall.share} for each network` : ''
    return user
      ? { user: `| \`${name}\` | ${counts} | ${quota(user)} |` }
      : { anybody: `| \`${name}\` | ${counts} | ${quota(address)} | ${quota(network)} | ${inTotal} |` }
  })
  const anybody = rows.flatMap(({ anybody }) => anybody ?? [])
  const users = rows.flatMap(({ user }) => user ?? [])
  const [, block] = networksOf('192.0.2.7')
  const [, line, site] = networksOf('2001:db8::7')
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

So many in so much time; then none until the window has ended. What is refused is not counted. A right password is not counted either, and a browser that the account knows is not concerned: neither by the sign-ins of others, nor by the new passwords that others ask for (there it has the number of one address to itself). \`SALLYPORT_THROTTLE_SCALE\` multiplies every number of these tables, for a school or a company that sends many people from one address.

| name | counts | for one address | for one network | overall |
|---|---|---|---|---|
${anybody.join('\n')}

**A network** is one IPv4 address, or the /64 of an IPv6 address. The networks around it have a number of their own, so that nobody gets more by using many neighbours: ${block?.times} times the number of one network for the IPv4 /24, ${line?.times} times for the IPv6 /56, ${site?.times} times for the IPv6 /48.

**Unknown addresses are one network.** Where the server cannot tell from where somebody asks, all of those share the numbers of one single network. So an address that is hidden, missing or misspelt is worth nothing to whoever guesses.

**Overall refuses nobody by itself.** While its number is exceeded, each IPv4 /24 and each IPv6 /48 gets the small number that the table names, in the same time. Whoever has had that already waits; everybody else goes on. So the requests of some networks, however many they send, never refuse the first requests of an unrelated one (\`packages/server/src/flows/throttle-networks.test.ts\`).

What remains:

- Whoever is in the same network as somebody who floods is refused with them: behind one address (an office, a mobile carrier), in one /24, in one /48. A browser that the account knows can still sign in and ask for a new password.
- A botnet in very many networks is slowed down and not ended: each of its networks has its small number. People elsewhere get no more than that small number each meanwhile.
- A provider that hands out many /48s to one customer looks like many networks.
- Mails about one address stop after ${throttlePolicy.mail.address.tries} in an hour, whoever asks: those that were sent hold links that work, the last one for each purpose.
- A server that has not been told of its proxies refuses strangers together: see below.

## For whoever is signed in

By user, on all devices together. Only \`session_end\` is counted for each session: a stolen one must not keep its owner from ending it. Reading the profile and the session has no number: pages do it at every request.

| name | counts | for one user |
|---|---|---|
${users.join('\n')}

A download is written in pieces, so that other requests are answered in between, and a user has one at a time in each process (\`packages/server/src/flows/user-quotas.test.ts\`).

## What a refusal looks like

\`429\` with the code \`too_many_requests\`, \`Retry-After\` in seconds, and for your own network's window \`RateLimit\` and \`RateLimit-Policy\` ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)), which stand on answers before it too:

\`\`\`http
HTTP/1.1 429 Too Many Requests
Retry-After: 512
RateLimit-Policy: "sign_in_network";q=${throttlePolicy.sign_in.network.tries};w=${throttlePolicy.sign_in.network.seconds}
RateLimit: "sign_in_network";r=0;t=512
\`\`\`

What others have done is not told: nothing stands there of an address, of the wider networks and of unknown ones.

## Whose network it is

The server learns it as [the security model](security-model.md) says: from your Next server, which proves itself; from so many proxies as you have set; or from the connection.

**Next knows no address until you tell it how many proxies stand before it.** That is so after \`sallyport init\` and in \`npm start\`: everybody is one network then, their sessions show no address, and one visitor who guesses or floods keeps others from signing in with a new browser, from signing up and from asking for mails until the window has ended. On your own machine that is right. In production, put a proxy that appends to \`X-Forwarded-For\` before Next and set \`SALLYPORT_TRUSTED_PROXY_HOPS=1\` (2 for two). \`createAuth\`, \`authProxy\` and the server read the same variable, each for the proxies before itself: where they differ, set it for each process.

The first request that comes with \`X-Forwarded-For\` while the number is 0 leaves one line in the log, of Next and of the server, that says so. Where fewer entries stand in the header, or what stands there is no address, the address is unknown; it is never taken from the proxy's own connection (\`tests/vectors/client-addresses.test.ts\`). A number that is too high lets visitors write their address themselves: count the proxies, and do not guess.

Watch \`sallyport_throttled_total\` ([operations](operations.md)); the log names the window, such as \`mail_network_unknown\`.
`
}

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
