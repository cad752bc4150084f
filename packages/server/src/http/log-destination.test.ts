import { expect, test } from 'vitest'
import { oncePerTurn } from './log-destination.ts'

function recorded() {
  const writes: string[] = []
  return { writes, output: oncePerTurn({ write: (text) => void writes.push(text) }) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('lines of one turn of the event loop are one write, in order; those of the next turn are another', async () => {
  const { writes, output } = recorded()
  output.write('one\n')
  await Promise.resolve()
  output.write('two\n')
  expect(writes).toEqual([])
  await turn()
  expect(writes).toEqual(['one\ntwo\n'])
  output.write('three\n')
  await turn()
  await turn()
  expect(writes).toEqual(['one\ntwo\n', 'three\n'])
})

test('waiting lines can be written at once, as at an exit, and are written once', async () => {
  const { writes, output } = recorded()
  output.write('last words\n')
  output.flush()
  output.flush()
  await turn()
  expect(writes).toEqual(['last words\n'])
})

test('many lines do not wait for the end of their turn', () => {
  const { writes, output } = recorded()
  for (let line = 0; line < 3; line++) output.write(`${'x'.repeat(30_000)}\n`)
  expect(writes.join('')).toHaveLength(90_003)
})
