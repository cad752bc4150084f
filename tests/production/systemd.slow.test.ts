import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { root } from '../../scripts/install.mjs'
import { skipping } from '../system/interpreters.ts'

const command = 'systemd-analyze'
const isMissing = spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0
if (isMissing) skipping('The units of examples/systemd need Debian’s package systemd.')

it.skipIf(isMissing).each(globSync('examples/systemd/*.service', { cwd: root }))(
  '%s: systemd accepts every line, and the service has few rights',
  (unit) => {
    const folder = temporaryFolder()
    const file = join(folder, basename(unit))
    mkdirSync(join(folder, 'app'))
    // The folders and the Node of the unit are not on this machine.
    const text = readFileSync(join(root, unit), 'utf8')
      .replace(/^WorkingDirectory=.*$/m, `WorkingDirectory=${folder}/app`)
      .replace('/usr/bin/node', process.execPath)
    writeFileSync(file, text)
    const run = (...words: string[]) => {
      const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' })
      return { status, stderr, stdout }
    }
    expect(run('verify', '--man=no', file)).toEqual({ status: 0, stderr: '', stdout: '' })
    // 0 is no exposure and 100 is a service of root without any of these lines.
    const { status, stdout } = run('security', '--offline=true', '--threshold=20', file)
    expect(status, stdout).toBe(0)
  },
)
