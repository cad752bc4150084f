import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { root } from '../../scripts/install.mjs'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'

const run = promisify(execFile)
/** The files of this machine in the base image, in addition to Node and npm. */
const programs = ['/bin/sh', '/bin/mkdir', '/bin/chown', '/bin/ls', '/usr/bin/env']
const certificates = '/etc/ssl/certs/ca-certificates.crt'

/** Null if images can be built on this machine. Otherwise what must be installed. */
export const missingBuildah: string | null =
  process.getuid?.() === 0 && spawnSync('buildah', ['--version'], { stdio: 'ignore' }).status === 0
    ? null
    : 'It needs root and Debian’s package buildah.'

/** Returns functions that run buildah, without an engine. The images are below `folder`, and builds use npm's cache of this machine. */
export function openBuilder(folder: string) {
  const store = ['--storage-driver', 'vfs', '--root', join(folder, 'store'), '--runroot', join(folder, 'run')]
  const buildah = async (...words: string[]) =>
    (await run('buildah', [...store, ...words], { maxBuffer: 64 * 1024 * 1024 })).stdout.trim()
  const build = async (name: string, context: string, ...words: string[]) => {
    const { stdout: cache } = await run('npm', ['config', 'get', 'cache'])
    const volume = ['--volume', `${cache.trim()}:/root/.npm`]
    const flags = ['--isolation', 'chroot', '--format', 'docker', '--pull-never', ...volume]
    await buildah('bud', ...flags, '--tag', name, ...words, context)
  }
  return {
    /** Builds an image that replaces `node:24-slim`, because that image would have to be downloaded. */
    async buildBase(): Promise<void> {
      const context = join(folder, 'base')
      await writeBase(context)
      await build('local-base', context)
    },
    build: (name: string, context: string) =>
      build(
        name,
        context,
        ...['--build-arg', 'BASE=localhost/local-base'],
        ...['--file', join(root, `examples/docker/${name}.Dockerfile`)],
        ...['--ignorefile', join(root, 'examples/docker/.dockerignore')],
      ),
    /** Opens the file system of an image, and reads its configuration. */
    async open(name: string) {
      const container = await buildah('from', '--pull-never', `localhost/${name}`)
      const inspected = JSON.parse(await buildah('inspect', '--type', 'image', `localhost/${name}`))
      const { config } = inspected.Docker as { config: ImageConfig }
      return { folder: await buildah('mount', container), config, history: JSON.stringify(inspected) }
    },
    close: () => buildah('umount', '--all'),
  }
}

export type Image = Awaited<ReturnType<ReturnType<typeof openBuilder>['open']>>
type ImageConfig = {
  User: string
  Env: string[]
  Cmd: string[]
  WorkingDir: string
  Healthcheck: { Test: string[] }
}

/** Files that a developer's folder may contain, and that no image may contain. */
const plantedFiles = [
  '.env',
  '.env.local',
  'secrets/auth.env',
  'packages/one/.env.local',
  '.sallyport/sallyport.db',
  '.sallyport/sallyport.db-wal',
]

/** Writes a build context as after `npm run install-into`, with a manifest, a lock file and our packages as files. It also has secrets. */
export async function writeContext(
  folder: string,
  packages: readonly string[],
  dependencies: Record<string, string> = {},
): Promise<void> {
  const tarballs = await packedTarballs()
  const own = join(folder, 'sallyport-packages')
  mkdirSync(own, { recursive: true })
  const files = packages.map((name) => {
    const tarball = tarballs[name] ?? ''
    cpSync(tarball, join(own, basename(tarball)))
    return [name, `file:sallyport-packages/${basename(tarball)}`]
  })
  const manifest = { private: true, dependencies: { ...dependencies, ...Object.fromEntries(files) } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--package-lock-only', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: folder,
  })
  for (const file of plantedFiles) writeIn(folder, file, 'SALLYPORT_SECRET=canary-that-no-image-may-hold')
}

/** Writes the Next app of docs/production/standalone.md, with one page that reads the session. */
export async function writeWeb(folder: string): Promise<void> {
  const versionOf = (name: string) =>
    JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version as string
  cpSync(join(root, 'tests/production/web'), folder, { recursive: true })
  for (const { file, code } of samplesOf('docs/production/standalone.md'))
    writeIn(folder, file.replace('.ts', '.js'), stripTypeScriptTypes(code))
  const peers = Object.fromEntries(['next', 'react', 'react-dom'].map((name) => [name, versionOf(name)]))
  await writeContext(folder, ['@sallyport/protocol', '@sallyport/verify', '@sallyport/next'], peers)
}

function writeIn(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

async function writeBase(context: string): Promise<void> {
  const node = join(root, 'node_modules/node/bin/node')
  const files = new Set<string>()
  for (const program of [...programs, node]) {
    if (program !== node) files.add(program)
    const { stdout } = await run('ldd', [program])
    for (const [library] of stdout.matchAll(/\/\S+/g)) files.add(library)
    // Parts of glibc that native modules need.
    const beside = dirname(/\S*\/libc\.so\.\d+/.exec(stdout)?.[0] ?? '/lib')
    for (const part of globSync('{librt,libutil,libresolv,libnss_dns,libnss_files}.so.*', { cwd: beside }))
      files.add(join(beside, part))
  }
  for (const file of files) {
    mkdirSync(join(context, 'root', dirname(file)), { recursive: true })
    copyFileSync(file, join(context, 'root', file))
  }
  const { stdout: command } = await run('sh', ['-c', 'command -v npm'])
  const npm = dirname(dirname(realpathSync(command.trim())))
  const inRoot = (path: string) => join(context, 'root', path)
  cpSync(node, inRoot('usr/local/bin/node'))
  cpSync(npm, inRoot('usr/local/lib/node_modules/npm'), { recursive: true, dereference: true })
  writeIn(inRoot('etc'), 'passwd', 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  writeIn(inRoot('etc'), 'group', 'root:x:0:\nnode:x:1000:\n')
  writeIn(inRoot('tmp'), '.keep', '')
  cpSync(certificates, inRoot(certificates))
  const starter = '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n'
  writeFileSync(inRoot('usr/local/bin/npm'), starter, { mode: 0o755 })
  const { stdout: registry } = await run('npm', ['config', 'get', 'registry'])
  writeIn(inRoot('usr/local/etc'), 'npmrc', `registry=${registry}`)
  writeIn(
    context,
    'Dockerfile',
    `FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=${certificates}\n`,
  )
}
