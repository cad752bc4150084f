import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The file system in memory that Linux has, and the space in bytes that a run of the tests may need there. */
const memory = '/dev/shm'
const neededBytes = 4 * 2 ** 30

/**
 * Creates the folder for the databases of this run of the tests. It is in memory if there is enough space, because waiting for the disk takes a
 * sixth of the time. Deletes such folders of runs that were killed.
 */
export function makeTestFolder(): string {
  const place = hasSpace() ? memory : tmpdir()
  for (const name of readdirSync(place)) {
    const [, pid] = /^sallyport-tests-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(place, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(place, `sallyport-tests-${process.pid}-`))
}

function hasSpace(): boolean {
  try {
    accessSync(memory, constants.W_OK)
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize > neededBytes
  } catch {
    return false
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
