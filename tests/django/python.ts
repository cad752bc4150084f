import { spawnSync } from 'node:child_process'

/** A Python that has what the Django example needs; null where there is none. */
export function findPython(): string | null {
  const needs = 'import django, rest_framework, jwt, cryptography'
  return (
    ['python3', '/usr/bin/python3'].find(
      (candidate) => spawnSync(candidate, ['-c', needs], { stdio: 'ignore' }).status === 0,
    ) ?? null
  )
}
