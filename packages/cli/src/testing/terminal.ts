import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { programs } from '../../../../scripts/test/one-file/programs.ts'
import type { Environment } from './sallyport-command.ts'

/** The program that creates a terminal. `script` is part of every Linux distribution (util-linux, bsdutils) and of macOS. */
const terminalMaker = 'script'

/**
 * Runs the real command on a real terminal, which `script` creates. Standard output and standard error are both written to the screen.
 * `redirection` is shell syntax, such as `> /dev/null`.
 */
export function onTerminal(line: string, env: Environment, redirection = '', cwd = process.cwd()) {
  const words = [process.execPath, programs.sallyport, ...line.split(' ')]
    .map((word) => `'${word}'`)
    .join(' ')
  const typed = `exec ${words} ${redirection}`
  const parameters =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', 'sh', '-c', typed]
      : ['--quiet', '--return', '--flush', '--command', typed, '/dev/null']
  const child = spawn(terminalMaker, parameters, {
    cwd,
    env: { SHELL: '/bin/sh', TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let screen = ''
  let seen = 0
  const changed = new EventTarget()
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    changed.dispatchEvent(new Event('change'))
  })
  const ended = once(child, 'close').then(([code]) => {
    changed.dispatchEvent(new Event('change'))
    return { code: code as number | null, screen: screen.replaceAll('\r\n', '\n') }
  })
  return {
    ended,
    type: (keys: string) => child.stdin.write(keys),
    /** Waits until a text appears on the screen that was not there before. */
    async shows(text: string): Promise<void> {
      for (;;) {
        const found = screen.indexOf(text, seen)
        if (found !== -1) {
          seen = found + text.length
          return
        }
        if (child.exitCode !== null)
          throw new Error(`The command has ended, and never showed ${text}:\n${screen}`)
        await once(changed, 'change')
      }
    },
  }
}
