import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { NextApp } from '../../scaffold/next-app.ts'
import { Refusal } from '../refusal.ts'

/**
 * Runs the package manager. The package manager prints its own output.
 *
 * @throws Refusal if the package manager fails.
 */
export async function addPackages({ folder, packageManager, packages }: NextApp): Promise<void> {
  const [program = '', ...words] = [...packageManager.add, ...packages]
  const place = { cwd: folder, stdio: 'inherit' } as const
  // On Windows, these programs are batch files, which need a shell. Node does not quote arguments for a shell, and warns if they are passed
  // separately. So pass one command line.
  const child =
    process.platform === 'win32'
      ? spawn([program, ...words].join(' '), { ...place, shell: true })
      : spawn(program, words, place)
  const code = await once(child, 'close').then(
    ([status]) => status as number | null,
    () => null,
  )
  if (code !== 0)
    throw new Refusal(
      `${program} could not add ${packages.join(' and ')}. The files are written. Fix the problem, then run: ${[program, ...words].join(' ')}`,
    )
}
