import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from './images.ts'

/** The path is absolute, because the process gets the PATH of the image, and not that of this machine. */
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
  /** Resolves to the exit code and the signal when the container has ended. */
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
 * `env` overrides the environment of the image and of the service. `volumes` are folders of this machine. The keys are their paths in the
 * container.
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

/** Returns the id of the first process in the namespace. It is the child of `unshare`, which waits for it. */
function firstChildOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return Number(children.trim().split(' ')[0])
}
