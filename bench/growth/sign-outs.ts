import { paths } from '@sallyport/protocol/endpoints'
import { openFile } from '../issuers/filled-database.ts'
import type { Callers } from '../measure/calls.ts'
import type { Side } from '../measure/compare.ts'
import { jsonPost, untilQuiet } from '../measure/load.ts'
import type { FilledAuthServer } from './filled-auth-server.ts'

/**
 * Returns the side that signs out the picked sessions, each once in a round. The smallest table has only a thousand sessions. So before
 * each round, all of them are opened again by a write to the database file, without the server.
 */
export function signOutSide(callers: Callers, server: FilledAuthServer, connections: number): Side {
  const requests = server.refreshTokens.map((refreshToken) => jsonPost({ refreshToken }))
  return async (seconds) => {
    openAgain(server)
    await untilQuiet(server)
    const before = await server.cpuMicros()
    const { signOuts } = await callers.run(
      { signOuts: { kind: 'each once', url: server.url + paths.signOut, connections, requests } },
      seconds,
    )
    const cpuMicros = (await server.cpuMicros()) - before
    return { perSecond: signOuts.answers / signOuts.seconds, cpuMicrosEach: cpuMicros / signOuts.answers }
  }
}

function openAgain({ database }: FilledAuthServer): void {
  const file = openFile(database)
  file.exec('update session set "endedAt" = null, "endReason" = null where "endedAt" is not null')
  file.close()
}
