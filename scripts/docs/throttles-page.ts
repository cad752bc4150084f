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

A throttle limits how often something can be tried. Throttles limit password guessing, floods of requests, and mails to other people's addresses. All counts are in the database, so all processes share them, and they are kept after a restart. If the database does not respond, the request is refused with 503, because it cannot be counted ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

## Wrong passwords for one account

| rule | value |
|---|---|
| wrong passwords in a row without a wait | ${free} |
| wait after the next one, which doubles each time | ${lasting(firstWait)} |
| longest wait | ${lasting(longestWait)} |
| wrong passwords in a row after which sign-ins are refused until the count is reset | ${maxTries} |
| the count is deleted after | ${lasting(forgottenAfter)} |

The right password resets the count. After ${maxTries} wrong passwords, the audit log has the event \`account_locked\`. Then the owner must choose a new password by mail, or an operator must run \`sallyport users unlock\`. Both reset the count. Wrong passwords for an email address without an account are counted in the same way. So the responses do not show which addresses have an account ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

**Other people cannot lock the owner out.** A browser that has signed in to an account before is a *known browser* of that account. It has a device cookie, \`sallyport_device\`, which is opaque and \`HttpOnly\`, lasts 400 days and signs nobody in. A known browser has its own count, with the same limits. The attempts of other browsers do not affect this count. The server stores the last ${maxKnownDevices} known browsers of an account. A password reset removes them all. The owner gets a mail about a sign-in on a new browser. Clients without cookies get the value of the device cookie in the response header \`sallyport-device\`, and send it in the same header at the next sign-in ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts), [\`device-cookie.test.ts\`](../packages/next/src/session/device-cookie.test.ts)).

The same limits apply, with a separate count, when a signed-in user must enter the password again. So a thief cannot use a stolen session to guess the password ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)).

Wrong codes of authenticator apps also have these limits, with a separate count, and a known browser has its own. A right code, a recovery code or a password reset resets the count. The limit for each day in the table below is not reset. After a hundred wrong codes, a recovery code still works ([\`second-factor.test.ts\`](../packages/server/src/flows/second-factor/second-factor.test.ts)).

## Limits for all clients

A *window* is a time in which a number of requests is allowed. Further requests are refused until the window ends. Refused requests are not counted, and sign-ins with the right password are not counted. Sign-ins, and requests for a password reset or for a mail to sign in, are not counted in these windows if they come from a known browser of the account. So other people cannot block them. These sign-ins have only the limits in the table of wrong passwords. For these requests, each known browser has its own count, with the limit for one email address in the table below ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts), [\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)). \`SALLYPORT_THROTTLE_SCALE\` multiplies every limit in the table below and in that of [signed-in users](#limits-for-signed-in-users) ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)). Use it for a school or a company with many users behind one IP address.

| name | counts | for one email address | for one network | for all clients (overall) |
|---|---|---|---|---|
${anybody.join('\n')}

**A network** is one IPv4 address, or the /64 of an IPv6 address. The larger networks that contain it have limits too, so that an attacker gains little from many neighbouring addresses. An IPv4 /24 has ${block?.times} times the limit of one network, an IPv6 /56 has ${line?.times} times and an IPv6 /48 has ${site?.times} times this limit ([\`network.test.ts\`](../packages/server/src/services/network.test.ts)).

**All unknown IP addresses are one network.** Requests from unknown IP addresses share the limits of one network, so that an attacker gains nothing by hiding the address ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts), [\`open-redirect.test.ts\`](../tests/attacks/open-redirect.test.ts)).

**If the overall limit is exceeded, not all requests are refused.** While the overall limit is exceeded, each IPv4 /24 and each IPv6 /48 has a smaller limit, which is the second number in the last column. A network that has reached the smaller limit must wait. Other networks are not affected. So even a flood of requests from some networks never causes the first requests of another network to be refused ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).

Known limits:

- Users in the same network as an attacker are refused too. They may share one IP address (an office, a mobile carrier), one /24 or one /48 with the attacker. A known browser can still sign in and request a new password.
- A botnet in very many networks is slowed down but not stopped, because each of its networks has the smaller limit. During the attack, users in other networks have the smaller limit too.
- If a provider gives one customer many /48 prefixes, each of them counts as its own network.
- For one email address, all clients together can request at most ${throttlePolicy.mail.address.tries} mails per hour that \`mail\` counts, and ${throttlePolicy.sign_up.address.tries} that \`sign_up\` counts. Each known browser of the account can request ${throttlePolicy.mail.address.tries} more password resets and mails to sign in. So strangers can use up the mails of an hour for a browser that is not known yet; its owner then signs in with the password, a passkey or a provider, or in a known browser ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)). Of several links for the same purpose, only the last one is valid ([\`accounts.test.ts\`](../packages/server/src/flows/account/accounts.test.ts)).
- If the number of proxies is not set, all visitors count as one network ([see below](#how-the-server-gets-the-clients-address)).

## Limits for signed-in users

The requests in this table are counted for each user, on all devices together. Only \`session_end\` is counted for each session, so that a thief with one stolen session cannot prevent the owner from ending it ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)). Reading the profile and the session is not limited, because pages read them at every request.

| name | counts | for one user |
|---|---|---|
${users.join('\n')}

A download is sent in parts, so that the server can answer other requests in between. In each process, a user can have one download at a time ([\`user-quotas.test.ts\`](../packages/server/src/services/user-quotas.test.ts)).

## The response to a refused request

A refused request gets status \`429\` with the code \`too_many_requests\`, and \`Retry-After\` in seconds. For the windows of the client's network and of the signed-in user, responses have the headers \`RateLimit\` and \`RateLimit-Policy\` ([draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)), also before the limit is reached ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)):

\`\`\`http
HTTP/1.1 429 Too Many Requests
Retry-After: 512
RateLimit-Policy: "sign_in_network";q=${throttlePolicy.sign_in.network.tries};w=${throttlePolicy.sign_in.network.seconds}
RateLimit: "sign_in_network";r=0;t=512
\`\`\`

The headers do not show the windows of an email address and of larger networks ([\`throttles.test.ts\`](../packages/server/src/services/throttles.test.ts)). Requests from unknown IP addresses get no such headers ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).

## How the server gets the client's address

The server gets the client's IP address from your Next server, from \`X-Forwarded-For\` (if the number of proxies is set), or from the connection ([security model](security-model.md#the-clients-address)).

**In Next, clients' IP addresses are unknown until you set the number of proxies in front of it.** This is the default after \`sallyport init\`. Then all visitors are one network, and their sessions show no IP address. One visitor who sends many requests prevents others from signing in with a new browser, from signing up and from requesting mails until the window ends ([\`open-redirect.test.ts\`](../tests/attacks/open-redirect.test.ts)). This is right for development. In production, put a proxy that appends to \`X-Forwarded-For\` before Next and set \`SALLYPORT_TRUSTED_PROXY_HOPS=1\` (2 for two proxies). Next (\`createAuth\` and \`authProxy\`) and the auth server read this variable, each for the proxies in front of itself. If the numbers differ, set the variable for each process ([\`client-addresses.test.ts\`](../tests/vectors/client-addresses.test.ts)).

If the number is 0, the first request with \`X-Forwarded-For\` writes one line about this to the log of Next and of the server. If the number is n, the n-th entry from the right is used. If this entry is missing or is not an IP address, the client's address is unknown. The address of the proxy's connection is never used instead ([\`client-addresses.test.ts\`](../tests/vectors/client-addresses.test.ts)). Count the proxies and do not guess, because clients can choose their address if the number is too high. Without a proxy the number must be 0, because Next itself writes \`X-Forwarded-For\` only if a client has not sent it. The example app (\`npm start\`) replaces the header with the address of the connection before Next reads it ([\`start.slow.test.ts\`](../tests/start/start.slow.test.ts)).

Monitor the metric \`sallyport_throttled_total\` ([operations](operations.md#metrics)). The log has the name of the window, such as \`sign_in_network_unknown\` ([\`throttle-networks.test.ts\`](../packages/server/src/services/throttle-networks.test.ts)).
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
