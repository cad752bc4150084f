import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freshStore } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { createProgram } from './program.ts'
import { runInProcess, serveInProcess } from './testing/in-process.ts'
import { clientOf } from './testing/running-server.ts'
import { password, settingsOf } from './testing/sallyport-command.ts'

const file = fileURLToPath(new URL('../../../docs/command-line.md', import.meta.url))
const page = readFileSync(file, 'utf8')

const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![\w-])[\w-]{43}(?![\w-])/g
const times = /\d{4}-\d\d-\d\d[ T][\d:.]+Z/g
const migrations = /\d{4}-\d\d-\d\d-[\w-]+(?:, \d{4}-\d\d-\d\d-[\w-]+)*/g
const ages = /\bnow\b|\b\d+ \w+ ago\b|\bin \d+ \w+\b/g

/** Removes ids and times, because they are different in each run. */
function sense(text: string): string {
  return text
    .replace(ids, 'ID')
    .replace(migrations, 'MIGRATIONS')
    .replace(times, 'TIME')
    .replace(ages, 'AGE')
    .replace(/ +/g, ' ')
}

/** Returns the page. Where the output of a command has changed, the page has the real output. `vitest -u` writes the page. */
async function pageAsItRuns(sallyport: (line: string) => Promise<string>): Promise<string> {
  // The page has ids of an earlier run. This map has the ids of this run for them.
  const idsHere = new Map<string, string>()
  const idsThere = new Map<string, string>()
  const translate = (text: string, known: Map<string, string>) =>
    text.replace(ids, (id) => known.get(id) ?? id)

  let result = ''
  let end = 0
  for (const block of page.matchAll(/(?<=^```console\n)[\s\S]*?(?=^```$)/gm)) {
    result += page.slice(end, block.index)
    end = block.index + block[0].length
    for (const [, line = '', sample = ''] of block[0].matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
      const printed = await sallyport(translate(line, idsHere))
      const isSame = sense(printed) === sense(sample)
      if (isSame) {
        const found = [...printed.matchAll(ids)].map(([id]) => id)
        for (const [at, [id]] of [...sample.matchAll(ids)].entries()) {
          idsHere.set(id, found[at] ?? '')
          idsThere.set(found[at] ?? '', id)
        }
      }
      result += `$ ${line}\n${isSame ? sample : translate(printed, idsThere)}`
    }
  }
  return result + page.slice(end)
}

test('docs/command-line.md shows the real output of every command', async () => {
  const env = settingsOf(await freshStore('SQLite'))
  // The sample commands of the import read a file in the current folder.
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'users.csv'),
    'email,first_name,last_name,is_active,date_joined,password\n' +
      ['grace', 'alan', 'barbara'].map((name) => `${name}@example.org,${name},,t,2020-01-02,\n`).join(''),
  )
  let signIn: (() => Promise<unknown>) | null = async () => {
    const { url } = await serveInProcess(env)
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
    await clientOf(url).signIn('ada@example.com', firefox)
    await clientOf(url).signIn('ada@example.com', 'Billing/3.2 (iPhone; iOS 26.1)')
  }
  const asItRuns = await pageAsItRuns(async (line) => {
    // The sample commands of sessions need signed-in users.
    if (line.startsWith('sallyport sessions')) {
      await signIn?.()
      signIn = null
    }
    const [, typed = '', input] = /^sallyport (.*?)( < password\.txt)?(?: > [\w.-]+)?$/.exec(line) ?? []
    const words = [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => {
      const word = quoted ?? plain ?? ''
      return word === 'users.csv' ? join(folder, word) : word
    })
    const toFile = / > [\w.-]+$/.test(line)
    const { stdout, stderr } = await runInProcess(words, env, input && `${password}\n`)
    return (toFile ? '' : stdout) + stderr
  })
  await expect(asItRuns).toMatchFileSnapshot(file)
})

test('docs/command-line.md names every command', () => {
  for (const group of createProgram().commands)
    for (const path of group.commands.length === 0
      ? [group.name()]
      : group.commands.map((command) => `${group.name()} ${command.name()}`))
      expect(page).toContain(`sallyport ${path}`)
})
