import { spawnSync } from 'node:child_process'

/** A Ruby that has what the example needs; null where there is none. */
export function findRuby(): string | null {
  const needs = 'require "jwt"; require "webrick"'
  return (
    ['ruby', '/usr/bin/ruby'].find(
      (candidate) => spawnSync(candidate, ['-e', needs], { stdio: 'ignore' }).status === 0,
    ) ?? null
  )
}
