// The load generator: autocannon in a process of its own, told by its parent what to send.
import autocannon from 'autocannon'

process.on('message', async (load) => {
  if (load === 'cpu') return
  try {
    process.send(await run(load))
  } catch (error) {
    process.send({ error: String(error) })
  }
})

async function run({ url, requests: asked, connections, seconds, once }) {
  const requests = asked.map(({ bodyBytes, ...request }) =>
    bodyBytes === undefined ? request : { ...request, body: bodyOf(bodyBytes) },
  )
  let client = 0
  let answers = 0
  const instance = autocannon({
    url,
    connections,
    // Seconds for one answer: 10 MB take longer than its ten on a machine that does much else.
    timeout: 60,
    ...(once ? { amount: requests.length } : { duration: seconds }),
    sampleInt: 50,
    setupClient: (connection) => connection.setRequests(turn(client++)),
  })
  // Requests sent once: each connection has its own. Else each begins somewhere else in the same list.
  function turn(number) {
    if (once) return requests.filter((_, index) => index % connections === number)
    const from = Math.floor((number * requests.length) / connections)
    return [...requests.slice(from), ...requests.slice(0, from)]
  }
  // From now, when every connection has its first request to send, until the last answer: right also for a server that
  // works on many at once and answers them in one go.
  const started = performance.now()
  let last = started
  instance.on('response', () => {
    answers++
    last = performance.now()
  })
  const { errors, non2xx, statusCodeStats } = await instance
  return {
    answers,
    seconds: (last - started) / 1000,
    refused: non2xx,
    errors,
    statuses: Object.keys(statusCodeStats),
  }
}

const bodies = new Map()

/** One for all requests of a size. */
function bodyOf(bytes) {
  if (!bodies.has(bytes)) bodies.set(bytes, Buffer.alloc(bytes, 'x'))
  return bodies.get(bytes)
}
