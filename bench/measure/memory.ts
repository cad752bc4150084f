import { setTimeout } from 'node:timers/promises'
import type { Server } from './server.ts'

const sampleMs = 50

/** Bytes of memory that a server has, again and again, while something is done to it. */
export async function memoryDuring(server: Server, work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = []
  let isOver = false
  const done = work().finally(() => {
    isOver = true
  })
  // It ends with the work, and tells what has gone wrong there.
  done.catch(() => {})
  while (!isOver) {
    samples.push(await server.rssBytes())
    await setTimeout(sampleMs)
  }
  await done
  return samples
}
