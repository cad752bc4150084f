// The load generator, which is autocannon in a separate process. The parent process sends the task.
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
    // The time-out of one response, in seconds. On a busy machine, 10 MB take longer than autocannon's default of ten seconds.
    timeout: 60,
    ...(once ? { amount: requests.length } : { duration: seconds }),
    sampleInt: 50,
    setupClient: (connection) => connection.setRequests(turn(client++)),
  })
  // If each request is sent once, each connection has its own requests. Otherwise all connections have the same list, and each begins at
  // another place in it.
  function turn(number) {
    if (once) return requests.filter((_, index) => index % connections === number)
    const from = Math.floor((number * requests.length) / connections)
    return [...requests.slice(from), ...requests.slice(0, from)]
  }
  // The time is measured from now, when every connection has its first request, until the last response. So it is also right for a server
  // that processes many requests at the same time and answers them together.
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

/** Returns a body of this size. All requests of one size share it. */
function bodyOf(bytes) {
  if (!bodies.has(bytes)) bodies.set(bytes, Buffer.alloc(bytes, 'x'))
  return bodies.get(bytes)
}
