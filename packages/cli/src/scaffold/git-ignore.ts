import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Returns whether git ignores a file. If there is no git or no repository, it reads only the .gitignore of the folder. */
export function isGitIgnored(folder: string, file: string): boolean {
  const { status } = spawnSync('git', ['check-ignore', '--quiet', file], { cwd: folder, stdio: 'ignore' })
  return status === 0 || (status !== 1 && isIgnoredBy(ownRules(folder), file))
}

function ownRules(folder: string): string {
  const file = join(folder, '.gitignore')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Returns whether the last matching rule ignores the file. It works only for files in the folder of the .gitignore. */
function isIgnoredBy(rules: string, file: string): boolean {
  let ignored = false
  for (const line of rules.split(/\r?\n/)) {
    const [, not, pattern = ''] = /^(!?)\/?([^#/\s]+)\s*$/.exec(line) ?? []
    if (pattern !== '' && matches(pattern, file)) ignored = not === ''
  }
  return ignored
}

function matches(pattern: string, file: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(file)
}
