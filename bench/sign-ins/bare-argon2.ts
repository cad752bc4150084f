// Verifies one password as fast as argon2id allows, with one hash per core at a time. This is the limit of any sign-in.
import { availableParallelism } from 'node:os'
import { verify } from '@node-rs/argon2'

const { HASH = '', PASSWORD = '' } = process.env

process.on('message', async (message: { seconds: number } | 'cpu') => {
  if (message !== 'cpu') process.send?.(await verifyFor(message.seconds))
})

async function verifyFor(seconds: number): Promise<{ answers: number; seconds: number }> {
  const started = performance.now()
  let answers = 0
  async function loop(): Promise<void> {
    while (performance.now() - started < seconds * 1000) {
      if (!(await verify(HASH, PASSWORD))) throw new Error('The password does not match the hash.')
      answers++
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, loop))
  return { answers, seconds: (performance.now() - started) / 1000 }
}
