import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether git ignores a file. Without git or a repository, the folder's own .gitignore is read. */
export function isGitIgnored(folder: string, file: string): boolean {
  const { status } = spawnSync('git', ['check-ignore', '--quiet', file], { cwd: folder, stdio: 'ignore' })
  return status === 0 || (status !== 1 && isIgnoredBy(ownRules(folder), file))
}

function ownRules(folder: string): string {
  const file = join(folder, '.gitignore')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** For a file in the top folder only: the last matching rule decides. */
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
