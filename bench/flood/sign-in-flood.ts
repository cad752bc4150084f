import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { paths } from '@sallyport/protocol/endpoints'
import type { AuthServer } from '../issuers/auth-server.ts'
import { people } from '../issuers/people.ts'
import type { Arrivals, FloodOutcome } from '../measure/arrivals.ts'
import { type Generator, jsonPost } from '../measure/load.ts'

/** The number of sign-ins that arrive for each sign-in that the queue accepts. */
const surge = 3

/** The number of sign-ins that are sent at the start. It is more than can run and wait, so that the queue is full from the beginning. */
const burst = 300

/** Sign-ins with the right password, for each user in turn. */
const signIns = people.map(({ email, password }) => jsonPost({ email, password, transport: 'bearer' }))

/** Measures how many sign-ins per second the auth server accepts while it does nothing else. */
export async function measureQueue(generator: Generator, authServer: AuthServer, seconds: number) {
  const { answers, seconds: taken } = await generator.run({
    url: authServer.url + paths.signIn,
    requests: signIns,
    connections: 8 * availableParallelism(),
    seconds,
  })
  return answers / taken
}

/** Runs a measurement during a flood of sign-ins. The flood continues whether or not the sign-ins get responses. */
export async function inFlood<Result>(
  {
    arrivals,
    authServer,
    queuePerSecond,
  }: { arrivals: Arrivals; authServer: AuthServer; queuePerSecond: number },
  work: () => Promise<Result>,
): Promise<{ result: Result; flood: FloodOutcome }> {
  await arrivals.start({
    url: authServer.url + paths.signIn,
    perSecond: queuePerSecond * surge,
    burst,
    requests: signIns,
  })
  await untilFull(arrivals)
  const result = await work()
  return { result, flood: await arrivals.stop() }
}

/** Waits until the queue is full. It is full when it has refused a sign-in. */
async function untilFull(arrivals: Arrivals): Promise<void> {
  for (let waited = 0; waited < 600; waited++) {
    if ((await arrivals.counts()).turnedAway > 0) return
    await setTimeout(50)
  }
  throw new Error(
    'The queue has refused no sign-in for half a minute: there is no flood. Raise the rate of sign-ins.',
  )
}
