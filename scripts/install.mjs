// This file is plain JavaScript, because it runs on the Node of the machine (20 or newer), before anything is installed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix, win32 } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnable } from './spawnable.mjs'

/** The project's root, without a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** Installs the packages of package-lock.json and shows the progress. If exactly these packages are installed, does nothing. */
export async function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(
      `Sallyport needs Node 20 or newer to start; this is ${process.version}. Install it from https://nodejs.org.`,
    )
  }
  if (isInstalled(root)) return
  // Do not use `npm ci`. It fails if an optional package of another platform is missing in the lock file, but npm itself omits such
  // packages.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  await step('Installing the packages of this clone (about a minute, once)', 'npm', ['install', ...flags])
  markInstalled(root)
}

/**
 * Does the same as {@link ensureInstalled} for a folder with its own lock file. Only one command needs the packages of this folder.
 *
 * @param {string} folder
 * @param {string} title
 */
export async function ensureInstalledIn(folder, title) {
  const place = join(root, folder)
  if (isInstalled(place)) return
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await step(title, 'npm', ['ci', '--prefix', place, ...quiet])
  markInstalled(place)
}

/** @param {string} folder */
function isInstalled(folder) {
  const stamp = join(folder, 'node_modules/.sallyport-installed')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfLock(folder)
}

/** @param {string} folder */
function markInstalled(folder) {
  writeFileSync(join(folder, 'node_modules/.sallyport-installed'), hashOfLock(folder))
}

/** @param {string} folder */
function hashOfLock(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
}

/**
 * Returns the path of the Node 24 that the project installs. On Windows, it is the program, not the batch file next to it.
 *
 * @param {{ folder?: string, platform?: NodeJS.Platform }} [place]
 */
export function projectNode({ folder = root, platform = process.platform } = {}) {
  return platform === 'win32'
    ? win32.join(folder, 'node_modules', 'node', 'bin', 'node.exe')
    : posix.join(folder, 'node_modules', '.bin', 'node')
}

/**
 * Runs one long step. While it runs, one line shows its title and duration. Its output is shown only if it fails.
 *
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function step(title, command, args, env = process.env) {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  const program = spawnable(command, args)
  const child = spawn(program.command, program.words, {
    cwd: root,
    env,
    shell: program.shell,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000)
    })
  }
  const live = process.stdout.isTTY
  const show = () =>
    process.stdout.write(live ? `\r  ${title} … ${seconds()}  ` : `  ${title} … ${seconds()}\n`)
  show()
  const timer = setInterval(show, live ? 1000 : 60_000)
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message
      resolve(1)
    })
    child.on('close', resolve)
  })
  clearInterval(timer)
  process.stdout.write(`${live ? '\r' : ''}  ${code === 0 ? '✓' : '✗'} ${title} (${seconds()})      \n`)
  if (code !== 0)
    fail(`${output.trim().split('\n').slice(-60).join('\n')}\n\n${title} failed: see the reason above.`)
}

/**
 * Prints one message and ends the process.
 *
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  process.stderr.write(`\n${message}\n`)
  process.exit(1)
}

/**
 * Runs a TypeScript file with the project's own Node in a child process, and ends with its exit code. Signals are forwarded. Ctrl-C reaches
 * the child process anyway. When this process ends, the child always gets `disconnect`. This is necessary because Windows has no signals
 * that ask a process to end, and because SIGKILL cannot be forwarded.
 *
 * @param {string} file
 * @param {string[]} args
 */
export function handOver(file, args) {
  const child = spawn(projectNode(), [join(root, file), ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    if (process.platform !== 'win32') child.kill(signal)
    else if (child.connected) child.disconnect()
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => stop(signal))
  // npm sends SIGTERM only to the shell that it has started. The shell ends without forwarding the signal, so watch for its end.
  if (process.env.npm_lifecycle_event !== undefined) whenParentEnds(() => stop('SIGTERM'))
  child.on('close', (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)))
}

/** @param {() => void} act */
function whenParentEnds(act) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent && isAlive(parent)) return
    clearInterval(timer)
    act()
  }, 500)
  timer.unref()
}

/** Returns whether a process runs. On Windows, `process.ppid` does not change if the parent has ended. @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
