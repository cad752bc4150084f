import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from './images.ts'

/** The image has its own PATH, not this machine's. */
const chroot = '/usr/sbin/chroot'

/** The parts of a service in compose.yaml that are tested here. */
export type Service = {
  command?: string[]
  environment?: Record<string, string>
  tmpfs?: string[]
  read_only?: boolean
}

export type Container = {
  log: string[]
  /** Its exit code and signal, once it has ended. */
  ended: Promise<unknown[]>
  /** Sends a signal to process 1 of the container. */
  signal(name: NodeJS.Signals): void
  /** Runs the health check of the image. Resolves to its exit code. */
  checkHealth(): Promise<number | null>
}

/**
 * Starts an image as compose.yaml says, without an engine: with its own process and mount namespaces, as process 1 and as the user of the
 * image, on a read-only root file system, with its tmpfs and secrets. The network is this machine's.
 *
 * `env` comes last; `volumes` are folders by their path in the container.
 */
export function startContainer(
  { folder, config }: Image,
  { command = config.Cmd, environment = {}, tmpfs = [], read_only: readOnly }: Service,
  {
    env,
    secrets,
    volumes = {},
  }: { env: Record<string, string>; secrets: string; volumes?: Record<string, string> },
): Container {
  if (readOnly !== true) throw new Error('compose.yaml must set read_only.')
  const at = (path: string) => JSON.stringify(join(folder, path))
  for (const path of ['proc', 'dev', 'run/secrets', ...Object.keys(volumes)])
    mkdirSync(join(folder, path), { recursive: true })
  const name = String(command.find((word) => word.startsWith('--env-file=')))
    .split('/')
    .at(-1)
  writeFileSync(join(folder, 'run/secrets', String(name)), secrets)
  const mounts = [
    `mount --bind ${at('')} ${at('')}`,
    `mount -o remount,ro,bind ${at('')}`,
    `mount -t proc proc ${at('proc')}`,
    `mount --rbind /dev ${at('dev')}`,
    ...tmpfs.map((line) => {
      const [path = '', options = ''] = line.split(':')
      return `mount -t tmpfs ${options && `-o ${options}`} tmpfs ${at(path)}`
    }),
    ...Object.entries(volumes).map(([path, from]) => `mount --bind ${JSON.stringify(from)} ${at(path)}`),
  ]
  const quoted = command.map((word) => `'${word}'`).join(' ')
  const inside = `cd ${config.WorkingDir} && exec ${quoted}`
  const script = `${mounts.join(' && ')} && exec ${chroot} --userspec=${config.User} ${at('')} /bin/sh -c "${inside}"`
  const ownEnv = {
    ...Object.fromEntries(config.Env.map((line) => line.split(/=(.*)/s))),
    ...environment,
    ...env,
  }
  const child = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script], {
    env: ownEnv,
  })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => log.push(String(chunk)))
  return {
    log,
    ended: once(child, 'close'),
    signal: (name) => process.kill(firstChildOf(child), name),
    async checkHealth() {
      const [, ...words] = config.Healthcheck.Test
      const check = spawn(chroot, [`--userspec=${config.User}`, folder, ...words], {
        env: ownEnv,
        stdio: 'ignore',
      })
      const [code] = (await once(check, 'close')) as [number | null]
      return code
    },
  }
}

/** `unshare` waits for the process that is the first of its namespace. */
function firstChildOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return Number(children.trim().split(' ')[0])
}
