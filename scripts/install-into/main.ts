import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { fail } from '../install.mjs'
import { packedTarballs } from '../packing/tarballs.ts'
import { spawnable } from '../spawnable.mjs'
import { oldPeers } from './old-peers.ts'
import { packagesFor } from './packages-for.ts'

const usage = 'npm run install-into -- <folder of your app> <next | verify | server | cli> …'
/** The folder for the packages. It is in the app, so that the package.json of the app refers to files that are committed with the app. */
const folderName = 'sallyport-packages'

const [app, ...words] = process.argv.slice(2)
if (app === undefined || words.length === 0) fail(`Give the folder of your app and the packages: ${usage}`)
// npm runs this script in the repository. INIT_CWD is the folder in which the caller has started npm.
const folder = resolve(process.env.INIT_CWD ?? process.cwd(), app)
if (!existsSync(join(folder, 'package.json')))
  fail(`${folder} has no package.json. Give the folder of an app: ${usage}`)

const { wanted, unknown } = packagesFor(words)
if (unknown.length > 0) fail(`There is no package ${unknown.join(', ')}. ${usage}`)

const old = oldPeers(folder, wanted)
for (const { name, found, least, of } of old)
  console.error(`This app has ${name} ${found}, and ${of} needs ${least} or newer.`)
if (old.length > 0)
  fail(
    `Type in that folder, then try again: npm install ${old.map(({ name }) => `${name}@latest`).join(' ')}`,
  )

console.log('  Packing …')
const tarballs = await packedTarballs()
mkdirSync(join(folder, folderName), { recursive: true })
const files = wanted.map((name) => {
  const tarball = tarballs[name] ?? ''
  copyFileSync(tarball, join(folder, folderName, basename(tarball)))
  return `./${folderName}/${basename(tarball)}`
})
console.log(`  Installing ${wanted.join(', ')} into ${relative(process.cwd(), folder) || '.'} …`)
try {
  const npm = spawnable('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...files])
  execFileSync(npm.command, npm.words, {
    cwd: folder,
    shell: npm.shell,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
} catch {
  fail('npm could not install them: see its reason above.')
}
console.log(`
  Installed. Commit ${folderName}/ with the app: its package.json names these files until the packages are on npm.
  Next: ${wanted.includes('sallyport') ? 'in that folder, `npx --no sallyport init`' : 'docs/getting-started.md of this clone'}.
`)
