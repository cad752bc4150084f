import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { commandOnFreshStore, start } from './testing/sallyport-command.ts'

test('a long file needs no more memory than a short one', async () => {
  const { env } = await commandOnFreshStore('SQLite')
  const file = join(temporaryFolder(), 'many.jsonl')
  const stream = createWriteStream(file)
  const filler = 'x'.repeat(900)
  for (let at = 0; at < 60_000; at += 1)
    // One row in a hundred is accepted. All others are refused because their names are too long.
    stream.write(
      `${JSON.stringify({ email: `p${at}@example.com`, name: at % 100 === 0 ? 'Ada' : filler })}\n`,
    )
  stream.end()
  await finished(stream)
  const { code, stdout } = await start(['users', 'import', file, '--json'], {
    ...env,
    NODE_OPTIONS: '--max-old-space-size=40',
  }).ended
  expect(JSON.parse(stdout)).toMatchObject({ rows: 60_000, added: 600, refused: 59_400 })
  expect(code).toBe(1)
}, 300_000)
