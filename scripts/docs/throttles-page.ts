import { networksOf } from '../../packages/server/src/services/network.ts'
import {
  maxKnownDevices,
  passwordDelays,
  type Quota,
  type ThrottlePolicy,
  throttlePolicy,
} from '../../packages/server/src/services/throttle-policy.ts'

/** Creates docs/throttles.md from the table of limits. */
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

Throttles limit password guessing, floods of requests, and mails to other people's addresses. All counts are in the database, so all processes share them, and a restart keeps them. If the database does not respond, the response is 503, so every attempt is counted ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

## Wrong passwords for one account

| rule | value |
|---|---|
| wrong passwords in a row without a wait | ${free} |
| wait after the next one, which doubles each time | ${lasting(firstWait)} |
| longest wait | ${lasting(longestWait)} |
| wrong passwords in a row after which a password alone opens nothing | ${maxTries} |
| all of it is forgotten after | ${lasting(forgottenAfter)} |

The right password resets the count. After ${maxTries}, the owner chooses a new password by mail, or an operator runs \`sallyport users unlock\`, and the count begins anew; the audit log has \`account_locked\`. An address without an account is counted in the same way, so nobody learns which addresses have one ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

**Other people cannot lock the owner out.** A browser that has signed in to an account before has a device cookie (\`sallyport_device\`: opaque, \`HttpOnly\`, 400 days, signs nobody in). It has its own count, with the same limits, and the attempts of other browsers do not affect it. An account stores its last ${maxKnownDevices} known browsers; a password reset removes them all. The owner gets a mail about a sign-in on a new browser. Clients without cookies get the value in the header \`sallyport-device\` and send it at the next sign-in ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts), [\`device-cookie.test.ts\`](../packages/next/src/session/device-cookie.test.ts)).

The same limits apply, with a separate count, when a signed-in user must give the password again, so that a stolen session cannot be used to guess it ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

## Windows

Each window allows a number of requests in a time; further ones are refused until the window ends. Refused requests are not counted, and neither is a right password. A known browser of the account is not affected by sign-ins and password resets of others: it has the limit of one address for itself ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts), [\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)). \`SALLYPORT_THROTTLE_SCALE\` multiplies every limit in these tables ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)), for a school or a company with many users behind one address.

| name | counts | for one address | for one network | overall |
|---|---|---|---|---|
${anybody.join('\n')}

**A network** is one IPv4 address, or the /64 of an IPv6 address. The larger networks around it have their own limits, so that an attacker gains little from many neighbouring addresses: ${block?.times} times the limit of one network for the IPv4 /24, ${line?.times} times for the IPv6 /56, ${site?.times} times for the IPv6 /48 ([\`network.test.ts\`](../packages/server/src/services/network.test.ts)).

**Unknown addresses are one network.** Requests from unknown addresses share the limits of one network, so that hiding an address gains nothing ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts), [\`open-redirect.test.ts\`](../tests/attacks/open-redirect.test.ts)).

**The overall limit alone refuses nobody.** While it is exceeded, each IPv4 /24 and each IPv6 /48 has the smaller limit in the table, in the same time. A network that has reached it must wait; all others are not affected. So any number of requests from some networks never causes a refusal of the first requests of another network ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).

Known limits:

- Users in the same network as an attacker are refused, too: behind one address (an office, a mobile carrier), in one /24, in one /48. A known browser can still sign in and request a new password.
- A botnet in very many networks is slowed down but not stopped: each of its networks has the smaller limit. Meanwhile users in other networks have the smaller limit, too.
- A customer with many /48s of one provider counts as many networks.
- At most ${throttlePolicy.mail.address.tries} mails per hour are sent to one address, for all requesters together ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)). The last link for each purpose is valid ([\`accounts.test.ts\`](../packages/server/src/flows/account/accounts.test.ts)).
- If the number of proxies is not set, all visitors count as one network: see below.

## Users who are signed in

These are counted for each user, on all devices together. Only \`session_end\` is counted for each session, so that a thief with a stolen session cannot prevent its owner from ending it ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)). Reading the profile and the session is not limited: pages do it at every request.

| name | counts | for one user |
|---|---|---|
${users.join('\n')}

A download is sent in parts, so that other requests are answered in between, and a user can have one at a time in each process ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)).

## The response of a refusal

\`429\` with the code \`too_many_requests\`, \`Retry-After\` in seconds, and for the window of the client's network \`RateLimit\` and \`RateLimit-Policy\` ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)), which earlier responses also have ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)):

\`\`\`http
HTTP/1.1 429 Too Many Requests
Retry-After: 512
RateLimit-Policy: "sign_in_network";q=${throttlePolicy.sign_in.network.tries};w=${throttlePolicy.sign_in.network.seconds}
RateLimit: "sign_in_network";r=0;t=512
\`\`\`

The headers do not show the windows of an address and of larger networks ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)); requests from unknown addresses get none ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).

## Whose network it is

The server gets the client's address as in [the security model](security-model.md#the-clients-address): from your Next server, which sends its credential; from the configured number of proxies; or from the connection.

**In Next, clients' addresses are unknown until you set the number of proxies in front of it.** This is the default after \`sallyport init\`: all visitors are one network, their sessions show no address, and one visitor who sends many requests prevents others from signing in with a new browser, from signing up and from requesting mails until the window ends ([\`open-redirect.test.ts\`](../tests/attacks/open-redirect.test.ts)). This is right for development. In production, put a proxy that appends to \`X-Forwarded-For\` before Next and set \`SALLYPORT_TRUSTED_PROXY_HOPS=1\` (2 for two). \`createAuth\`, \`authProxy\` and the server read the same variable, each for the proxies in front of itself: if they differ, set it for each process ([\`client-addresses.test.ts\`](../tests/vectors/client-addresses.test.ts)).

The first request with \`X-Forwarded-For\` while the number is 0 adds one line about this to the log of Next and of the server. If the header has fewer entries, or the entry is not an IP address, the address is unknown; the address of the proxy's own connection is never used ([\`client-addresses.test.ts\`](../tests/vectors/client-addresses.test.ts)). If the number is too high, clients can choose their address: count the proxies, and do not guess. Without a proxy the number must be 0, because Next itself writes the header only if a client has sent none. The example (\`npm start\`) replaces the header with the address of the connection before Next reads it ([\`start.test.ts\`](../tests/start/start.test.ts)).

Monitor \`sallyport_throttled_total\` ([operations](operations.md)); the log names the window, such as \`sign_in_network_unknown\` ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).
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
