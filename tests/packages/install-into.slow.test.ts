import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { root } from '../../scripts/install.mjs'

const run = promisify(execFile)
const installInto = (cwd: string, ...words: string[]) =>
  run(process.execPath, [join(root, 'scripts/install-into.mjs'), ...words], {
    cwd,
    env: { ...process.env, INIT_CWD: cwd },
  })

it('npm run install-into adds a package and its dependencies as files of an app', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'my-api', type: 'module' }))
  const { stdout } = await installInto(folder, '.', 'verify')
  expect(stdout).toContain('Commit sallyport-packages/')

  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  expect(dependencies).toEqual({
    '@sallyport/protocol': expect.stringMatching(/^file:sallyport-packages\/sallyport-protocol-[\d.]+\.tgz$/),
    '@sallyport/verify': expect.stringMatching(/^file:sallyport-packages\/sallyport-verify-[\d.]+\.tgz$/),
  })
  const use = `import { createVerifier } from '@sallyport/verify'; console.log(typeof createVerifier)`
  const used = await run(process.execPath, ['--input-type=module', '--eval', use], { cwd: folder })
  expect(used.stdout).toBe('function\n')
})

it.each([
  [['missing', 'verify'], /has no package\.json/],
  [['.', 'verfy'], /There is no package verfy/],
  [['.'], /npm run install-into -- <folder/],
])('npm run install-into refuses %j and says why', async (words, message) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), '{}')
  await expect(installInto(folder, ...words)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(message),
  })
})
