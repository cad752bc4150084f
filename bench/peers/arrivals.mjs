// Requests that arrive at a steady rate, whether or not the previous ones have been answered.
import { Pool } from 'undici'

let flood = null

process.on('message', async (message) => {
  if (message === 'cpu') return
  if (message === 'stop') {
    process.send(await flood.stop())
    return
  }
  if (message === 'counts') {
    process.send(flood.counts())
    return
  }
  flood = startFlood(message)
  process.send({ started: true })
})

function startFlood({ url, perSecond, burst, requests }) {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: null })
  const counts = { sent: 0, accepted: 0, turnedAway: 0, otherwise: 0, firstOther: null }
  const started = performance.now()
  const timer = setInterval(() => {
    const due = burst + ((performance.now() - started) / 1000) * perSecond
    while (counts.sent < due) void send(requests[counts.sent++ % requests.length])
  }, 5)
  let stopped = false

  async function send({ method, headers, body }) {
    try {
      const answer = await pool.request({ path: pathname, method, headers, body })
      const text = await answer.body.text()
      // A refusal is a correct response only if it says when to try again.
      if (answer.statusCode === 200) counts.accepted++
      else if (answer.statusCode === 503 && Number(answer.headers['retry-after']) > 0) counts.turnedAway++
      else other(`${answer.statusCode} ${text.slice(0, 300)}`)
    } catch (error) {
      if (!stopped) other(String(error))
    }
  }
  function other(what) {
    counts.otherwise++
    counts.firstOther ??= what
  }

  function soFar() {
    return { ...counts, seconds: (performance.now() - started) / 1000 }
  }

  return {
    counts: soFar,
    /** Closes all connections that still wait. */
    async stop() {
      stopped = true
      clearInterval(timer)
      const last = soFar()
      await pool.destroy()
      return last
    },
  }
}
