import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { paths } from '@sallyport/protocol'
import { startAuthServer } from '../issuers/auth-server.ts'
import { betterAuthCallers } from '../issuers/better-auth.ts'
import { people, signUpEverybody } from '../issuers/people.ts'
import { type Comparison, compare, type Side } from '../measure/compare.ts'
import { httpSide, jsonPost, type LoadRequest } from '../measure/load.ts'
import { type Server, startServer } from '../measure/server.ts'
import { startWorker } from '../measure/worker.ts'
import { shareCells, shareColumns } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

/** As the auth server hashes. */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Enough that a sign-in always waits at the gate, far from enough that one is turned away. */
const connections = 8 * availableParallelism()

/** Better Auth hashes on its one thread and all sign-ins at a time: more of them only make each wait longer. */
const betterAuthConnections = availableParallelism()

const oursName = '@sallyport/server: POST /api/auth/login'
const betterAuthName = 'Better Auth: POST /sign-in/email (scrypt)'

export const signInsPart: Part = {
  plan: { rounds: 5, seconds: 2.5, warmUpSeconds: 3 },
  quickPlan: { rounds: 1, seconds: 4, warmUpSeconds: 4 },
  async run(bench) {
    if (!bench.wants(oursName) && !bench.wants(betterAuthName)) return
    const report = bench.table(
      'Sign-ins a second as a share of bare argon2id on the same cores',
      shareColumns('sign-ins/s', 'argon2id/s'),
    )
    const password = people[0]?.password ?? ''
    const bare = startWorker(join(root, 'bench/sign-ins/bare-argon2.ts'), {
      env: { HASH: await hash(password, argon2id), PASSWORD: password },
      logFile: join(bench.workDir, 'bare-argon2.log'),
    })
    const bareSide: Side = async (seconds) => {
      const before = await bare.cpuMicros()
      const outcome = await bare.ask<{ answers: number; seconds: number }>({ seconds })
      const cpuMicros = (await bare.cpuMicros()) - before
      return { perSecond: outcome.answers / outcome.seconds, cpuMicrosEach: cpuMicros / outcome.answers }
    }
    try {
      if (bench.wants(oursName)) report(oursName, shareCells(await measureOurs(bench, bareSide), 0.9))
      if (bench.wants(betterAuthName))
        report(betterAuthName, shareCells(await measureBetterAuth(bench, bareSide)))
    } finally {
      await bare.stop()
    }
  },
}

async function measureOurs(bench: Bench, bare: Side): Promise<Comparison> {
  const server = await startAuthServer(bench)
  try {
    await signUpEverybody(server.url)
    const signIns = people.map(({ email, password }) => jsonPost({ email, password, transport: 'bearer' }))
    const side = signInSide(bench, server, { url: server.url + paths.login, requests: signIns, connections })
    return await compare(side, bare, bench.plan)
  } finally {
    await server.stop()
  }
}

async function measureBetterAuth(bench: Bench, bare: Side): Promise<Comparison> {
  const server = await startServer({
    script: join(root, 'bench/peers/api/better-auth.mjs'),
    env: () => ({
      DATABASE_FILE: join(bench.workDir, 'better-auth-sign-ins.db'),
      SECRET: 'only for the bench: a secret wants 32',
    }),
    readyPath: '/open',
    logFile: join(bench.workDir, 'better-auth.log'),
  })
  try {
    await betterAuthCallers(`${server.url}/api/auth`)
    const signIns = people.map(({ email, password }) => jsonPost({ email, password }, server.url))
    const side = signInSide(bench, server, {
      url: `${server.url}/api/auth/sign-in/email`,
      requests: signIns,
      connections: betterAuthConnections,
    })
    return await compare(side, bare, bench.plan)
  } finally {
    await server.stop()
  }
}

type SignIns = { url: string; requests: readonly LoadRequest[]; connections: number }

function signInSide(bench: Bench, server: Server, signIns: SignIns): Side {
  return httpSide(bench.generator, server, (seconds) => ({ ...signIns, seconds }))
}
