import { setTimeout } from 'node:timers/promises'
import type { Server } from './server.ts'

const sampleMs = 50

/** Measures the memory of a server repeatedly, in bytes, during some work. */
export async function memoryDuring(server: Server, work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = []
  let isOver = false
  const done = work().finally(() => {
    isOver = true
  })
  // If the work fails, `await done` below throws the error. Without this line, Node would end the process before that.
  done.catch(() => {})
  while (!isOver) {
    samples.push(await server.rssBytes())
    await setTimeout(sampleMs)
  }
  await done
  return samples
}
