import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createVerifier, type Verifier } from '../../packages/verify/src/index.ts'
import { audience, issuer, now as startMs } from '../../packages/verify/src/testing/issuer.ts'
import { root } from '../../scripts/install.mjs'
import { findDjango, findRuby } from '../system/interpreters.ts'

/** The sources of a verifier's keys and revocations. Without `jwksUrl` it gets `jwks`. */
export type Sources = {
  jwksUrl?: string
  jwks?: { keys: unknown[] }
  feedUrl?: string
  introspectUrl?: string
  maxEntries?: number
}

/** A verifier of some language, at a time that the test sets. */
export type Probe = {
  /** Replaces the verifier by a new one. */
  open(sources: Sources): Promise<void>
  /** Returns the verdict on a token, this many seconds after the time at which the tests begin. */
  verdict(token: string, afterSeconds: number): Promise<string>
  /** Returns the number of revocations, or cached responses, in memory. */
  size(): Promise<number>
  /** Returns the seconds that it has waited between two connections to the feed. */
  delays(): Promise<number[]>
  close(): void
}

/** The minimum time between two fetches of the key set for unknown key ids, in seconds. */
export const coolDownSeconds: Record<string, number> = { TypeScript: 30, Django: 10, Ruby: 10 }

/** The setting of a verifier while its credential is replaced, and the part that it must send. */
export const credential = 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY'
const credentials = `${credential}, verifier-Kd83hRw5QyTz6MgUv1JpXc2B`

const folder = join(root, 'tests/verifiers')

/** The verifiers that can be probed on this machine, by language. */
export const probes: Record<string, (() => Promise<Probe>) | null> = {
  TypeScript: async () => openTypeScript(),
  Django: starting(findDjango(), 'django_probe.py'),
  Ruby: starting(findRuby(), 'ruby_probe.rb'),
}

function starting(interpreter: string | null, file: string): (() => Promise<Probe>) | null {
  return interpreter === null ? null : () => startProgram(interpreter, join(folder, file))
}

async function startProgram(interpreter: string, file: string): Promise<Probe> {
  const child = spawn(interpreter, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const ask = async (question: object): Promise<unknown> => {
    const answered = once(lines, 'line')
    child.stdin.write(`${JSON.stringify(question)}\n`)
    return JSON.parse(String((await answered)[0]))
  }
  return {
    async open(sources) {
      await ask({ now: startMs / 1000, open: { issuer, audience, credential: credentials, ...sources } })
    },
    async verdict(token, afterSeconds) {
      return String(await ask({ now: startMs / 1000 + afterSeconds, token }))
    },
    size: async () => Number(await ask({ size: true })),
    delays: async () => (await ask({ delays: true })) as number[],
    close: () => void child.kill('SIGKILL'),
  }
}

function openTypeScript(): Probe {
  let time = startMs
  let verifier: Verifier | null = null
  return {
    async open({ jwksUrl, jwks, feedUrl, introspectUrl }) {
      verifier?.close()
      time = startMs
      const url = feedUrl ?? (introspectUrl === undefined ? undefined : new URL('none', introspectUrl).href)
      verifier = createVerifier({
        issuer,
        audience,
        cacheSize: 0,
        clock: () => time,
        ...(jwksUrl !== undefined && { jwksUrl }),
        ...(url !== undefined && {
          feed: {
            url,
            credential: credentials,
            ...(introspectUrl === undefined ? { whenStale: 'reject' } : { introspectUrl }),
          },
        }),
        fetch: async (input, init) =>
          jwks && String(input).endsWith('jwks.json') ? Response.json(jwks) : fetch(input, init),
      })
    },
    async verdict(token, afterSeconds) {
      time = startMs + afterSeconds * 1000
      return (verifier as Verifier).verify(token).then(
        () => 'accepted',
        ({ code }: { code: string }) => code,
      )
    },
    // The size is tested in packages/verify, where a test can read the set.
    size: () => Promise.reject(new Error('This verifier does not report its size.')),
    delays: () => Promise.reject(new Error('This verifier does not report its delays.')),
    close: () => verifier?.close(),
  }
}
