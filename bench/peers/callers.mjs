// Callers that read their responses. Each caller waits for a response before it sends the next request. The parent process sends the task.
import { Client } from 'undici'

process.on('message', async (message) => {
  if (message === 'cpu') return
  try {
    const { calls, seconds } = message
    const until = performance.now() + seconds * 1000
    const entries = Object.entries(calls).map(async ([name, group]) => [name, await runGroup(group, until)])
    process.send(Object.fromEntries(await Promise.all(entries)))
  } catch (error) {
    process.send({ error: String(error) })
  }
})

/** Calls on several connections in parallel. A round ends with the last response, so no request is cut off in the server. */
async function runGroup({ url, connections, ...requests }, until) {
  const { origin, pathname } = new URL(url)
  const outcome = { answers: 0, seconds: 0, latenciesMs: [], refused: 0, refusal: null }
  const next = turns(requests)
  const started = performance.now()
  await Promise.all(Array.from({ length: connections }, (_, number) => runConnection(number)))
  outcome.seconds = (performance.now() - started) / 1000
  return { ...outcome, ...(requests.refreshTokens && { refreshTokens: requests.refreshTokens }) }

  async function runConnection(number) {
    const client = new Client(origin)
    const mine = next(number, connections)
    while (performance.now() < until) {
      const turn = mine()
      if (turn === null) break
      const sent = performance.now()
      const { statusCode, body } = await client.request({ path: pathname, ...turn.request })
      const text = await body.text()
      if (statusCode >= 300) {
        outcome.refused++
        outcome.refusal ??= `${statusCode} ${text.slice(0, 300)}`
        break
      }
      outcome.latenciesMs.push(performance.now() - sent)
      outcome.answers++
      turn.answered(text)
    }
    await client.close()
  }
}

function turns(requests) {
  if (requests.kind === 'rotating') return rotatingTurns(requests)
  if (requests.kind === 'each once') return onceTurns(requests)
  return endlessTurns(requests)
}

/** Yields the same requests repeatedly. Each connection begins at another place of the list. */
function endlessTurns({ requests }) {
  return (number, connections) => {
    let index = Math.floor((number * requests.length) / connections)
    return () => ({ request: sendable(requests[index++ % requests.length]), answered() {} })
  }
}

function onceTurns({ requests }) {
  let index = 0
  return () => () =>
    index < requests.length ? { request: sendable(requests[index++]), answered() {} } : null
}

/** Each connection refreshes its own sessions in turn, each time with the token of the last response. */
function rotatingTurns({ refreshTokens, form }) {
  return (number, connections) => {
    const sessions = refreshTokens.map((_, index) => index).filter((index) => index % connections === number)
    let turn = 0
    return () => {
      const session = sessions[turn++ % sessions.length]
      return {
        request: refreshRequest(refreshTokens[session], form),
        answered(text) {
          const {
            accessToken,
            refreshToken,
            access_token = accessToken,
            refresh_token = refreshToken,
          } = JSON.parse(text)
          // All measured servers must do the same work: rotate the refresh token, and sign the access token with ES256.
          if (!refresh_token || refresh_token === refreshTokens[session])
            throw new Error('A refresh brought no new refresh token.')
          if (algorithmOf(access_token) !== 'ES256')
            throw new Error('A refresh brought no access token signed with ES256.')
          refreshTokens[session] = refresh_token
        },
      }
    }
  }
}

function algorithmOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).alg
}

/** Returns a refresh request in our format, or in that of OAuth if `form` has fields (RFC 6749 section 6). */
function refreshRequest(token, form) {
  return sendable(
    form
      ? {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            ...form,
            grant_type: 'refresh_token',
            refresh_token: token,
          }).toString(),
        }
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ refreshToken: token }),
        },
  )
}

function sendable({ method = 'GET', headers = {}, body = null }) {
  return { method, headers, body }
}
