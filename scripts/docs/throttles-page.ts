import { networksOf } from '../../packages/server/src/services/network.ts'
import {
  maxKnownDevices,
  passwordDelays,
  type Quota,
  type ThrottlePolicy,
  throttlePolicy,
} from '../../packages/server/src/services/throttle-policy.ts'

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
  const { free, firstWait, longestWait, maxTries, forgottenAfter } = passwordDelays
  return `<!-- Generated from packages/server/src/services/throttle-policy.ts by \`npm run docs\`. -->

# Throttles

Limits on guessing passwords, on flooding, and on mails in somebody else's name. All counts are in the database: every process sees them, and a restart keeps them. If the database does not answer, the response is 503; no attempt goes uncounted ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

## Wrong passwords for one account

| what | number |
|---|---|
| wrong passwords in a row that cost nothing | ${free} |
| wait before the next, which then doubles each time | ${lasting(firstWait)} |
| longest wait | ${lasting(longestWait)} |
| wrong passwords in a row after which a password alone opens nothing | ${maxTries} |
| all of it is forgotten after | ${lasting(forgottenAfter)} |

The right password resets the count. After ${maxTries}, the owner chooses a new password by mail, or an operator runs \`sallyport users unlock\`, and the count begins anew; the audit log has \`account_locked\`. An address without an account is counted in the same way, so nobody learns which addresses have one ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

**A stranger cannot lock the owner out.** A browser that has signed in to an account before is known by a cookie of its own (\`sallyport_device\`: opaque, HTTP-only, 400 days, signs nobody in). It has a count of its own, with the same numbers, and the counts of others do not affect it. An account knows its last ${maxKnownDevices} browsers; a new password by mail removes them all. The owner gets a mail about a sign-in on a new one. Clients without cookies get the value in the header \`sallyport-device\` and send it at the next sign-in ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts), [\`device-cookie.test.ts\`](../packages/next/src/session/device-cookie.test.ts)).

The same numbers apply, separately, where a user who is signed in is asked for the password again, so that a stolen session cannot be used to guess it ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

## Windows

So many in so much time; then none until the window has ended. What is refused is not counted, and neither is a right password. A browser that the account knows is not affected by the sign-ins of others, nor by the new passwords that others ask for: there it has the number of one address to itself ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts), [\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)). \`SALLYPORT_THROTTLE_SCALE\` multiplies every number of these tables ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)), for a school or a company with many people behind one address.

| name | counts | for one address | for one network | overall |
|---|---|---|---|---|
${anybody.join('\n')}

**A network** is one IPv4 address, or the /64 of an IPv6 address. The networks around it have a number of their own, so that many neighbouring addresses are worth no more than a few: ${block?.times} times the number of one network for the IPv4 /24, ${line?.times} times for the IPv6 /56, ${site?.times} times for the IPv6 /48 ([\`network.test.ts\`](../packages/server/src/services/network.test.ts)).

**Unknown addresses are one network.** Requests whose address the server does not know share the numbers of one network, so that hiding an address gains nothing ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts), [\`open-redirect.test.ts\`](../tests/attacks/open-redirect.test.ts)).

**Overall refuses nobody by itself.** While its number is exceeded, each IPv4 /24 and each IPv6 /48 gets the small number that the table names, in the same time. A network that has used it waits; all others go on. So the requests of some networks, however many, never refuse the first requests of an unrelated one ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).

What remains:

- Users in the same network as an attacker are refused with it: behind one address (an office, a mobile carrier), in one /24, in one /48. A browser that the account knows can still sign in and ask for a new password.
- A botnet in very many networks is slowed down and not stopped: each of its networks has its small number. Users elsewhere get no more than that small number each meanwhile.
- A provider that hands out many /48s to one customer looks like many networks.
- Mails about one address stop after ${throttlePolicy.mail.address.tries} in an hour, whoever asks ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)). Of those that were sent, the last link for each purpose works ([\`accounts.test.ts\`](../packages/server/src/flows/account/accounts.test.ts)).
- A server whose number of proxies is not set counts all visitors as one network: see below.

## Users who are signed in

Counted for each user, on all devices together. Only \`session_end\` is counted for each session: a stolen one must not keep its owner from ending it ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)). Reading the profile and the session is not limited: pages do it at every request.

| name | counts | for one user |
|---|---|---|
${users.join('\n')}

A download is written in pieces, so that other requests are answered in between, and a user has one at a time in each process ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)).

## What a refusal looks like

\`429\` with the code \`too_many_requests\`, \`Retry-After\` in seconds, and for your own network's window \`RateLimit\` and \`RateLimit-Policy\` ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)), which answers before it have, too ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)):

\`\`\`http
HTTP/1.1 429 Too Many Requests
Retry-After: 512
RateLimit-Policy: "sign_in_network";q=${throttlePolicy.sign_in.network.tries};w=${throttlePolicy.sign_in.network.seconds}
RateLimit: "sign_in_network";r=0;t=512
\`\`\`

The headers tell nothing of the windows of an address and of wider networks ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)); requests from unknown addresses get none ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).

## Whose network it is

The server learns it as [the security model](security-model.md#the-clients-address) says: from your Next server, which proves itself by its credential; from as many proxies as you have set; or from the connection.

**Next knows no address until you set how many proxies are in front of it.** That is so after \`sallyport init\`: all visitors are one network then, their sessions show no address, and one visitor who guesses or floods keeps others from signing in with a new browser, from signing up and from asking for mails until the window has ended ([\`open-redirect.test.ts\`](../tests/attacks/open-redirect.test.ts)). On your own machine that is right. In production, put a proxy that appends to \`X-Forwarded-For\` before Next and set \`SALLYPORT_TRUSTED_PROXY_HOPS=1\` (2 for two). \`createAuth\`, \`authProxy\` and the server read the same variable, each for the proxies in front of itself: if they differ, set it for each process ([\`client-addresses.test.ts\`](../tests/vectors/client-addresses.test.ts)).

The first request that comes with \`X-Forwarded-For\` while the number is 0 adds one line to the log, of Next and of the server, that says so. If the header has fewer entries, or the entry is no address, the address is unknown; it is never taken from the proxy's own connection ([\`client-addresses.test.ts\`](../tests/vectors/client-addresses.test.ts)). A number that is too high lets visitors choose their address: count the proxies, and do not guess. Without a proxy the number is 0: Next itself writes the header only where a visitor has sent none. The example (\`npm start\`) replaces it by the address of the connection before Next sees it ([\`start.test.ts\`](../tests/start/start.test.ts)).

Watch \`sallyport_throttled_total\` ([operations](operations.md)); the log names the window, such as \`sign_in_network_unknown\` ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).
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
