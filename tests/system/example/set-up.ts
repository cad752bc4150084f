// The global set-up of Vitest. It gives the test files one running example. The example starts when the first file requests it, so that
// runs of other tests need not wait for it. It is a separate process, which ends when this process ends.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { root } from '../../../scripts/install.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * The URL with which a test file requests the addresses of the running example. It cannot be guessed, because the response contains
     * secrets.
     */
    runningExampleUrl: string
  }
}

type Message = { addresses?: object; failure?: string }

export default async function setup(project: TestProject) {
  let child: ChildProcess | undefined
  let started: Promise<Message> | undefined
  const start = async (): Promise<Message> => {
    child = fork(join(root, 'tests/system/example/process.ts'), {
      cwd: root,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit').then(([code]) => [
      { failure: `The running example ended by itself: ${code}` },
    ])
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [Message]
    return message
  }
  const path = `/${crypto.randomUUID()}`
  const server = createServer(async ({ url }, response) => {
    if (url !== path) return response.writeHead(404).end()
    started ??= start()
    response.end(JSON.stringify(await started))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  project.provide('runningExampleUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
  return async () => {
    server.closeAllConnections()
    server.close()
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    if (child.connected) child.disconnect()
    await ended
  }
}
