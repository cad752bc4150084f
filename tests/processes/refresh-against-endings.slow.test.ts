import { paths } from '@sallyport/protocol/endpoints'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSallyport, type Sallyport } from '../../packages/server/src/index.ts'
import { type Random, seededRandom } from '../../packages/server/src/testing/random.ts'
import { recordingLog, testOptions } from '../../packages/server/src/testing/sallyport.ts'
import type { StoreKind, TestStore } from '../../packages/server/src/testing/stores.ts'
import {
  type Answer,
  claimsOf,
  isActive,
  login,
  password,
  refresh,
  refreshInTurn,
  send,
  sidOf,
  signIn,
  signOut,
  signUp,
  type Tokens,
  tokensOf,
  until,
} from './client.ts'
import { countWaiting, holding, type Installation, shared, startInstallation } from './installation.ts'
import { Lineage } from './lineage.ts'

// Real processes on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const newPassword = 'a better one than before'

/** Two sessions of one user, both refreshed in a loop, while something else happens to them. */
type Scene = {
  urls: readonly string[]
  store: TestStore
  operator: Sallyport['operator']
  random: Random
  email: string
  userId: string
  /** The session that sends the request. Its first token was used more than once. */
  own: Lineage
  other: Lineage
}

/** The event, and the sessions that it ends. */
type Ending = {
  does: (scene: Scene) => Promise<Answer | unknown>
  ends: ('own' | 'other')[]
  /** Whether it also ends a concurrent sign-in with the old password, at any time. */
  endsSignIns?: boolean
  /** What it waits for in the database, where a test can delay it. */
  waitsFor: ('session' | 'user' | 'log')[]
}

const asBearer = ({ own, urls, random }: Scene, method: 'POST' | 'DELETE', path: string, body?: object) =>
  send(random.pick(urls), method, path, { token: own.current.accessToken, ...(body && { body }) })

const endings: Record<string, Ending> = {
  'sign-out': {
    does: ({ own, urls, random }) => signOut(random.pick(urls), own.current.refreshToken),
    ends: ['own'],
    waitsFor: ['session', 'log'],
  },
  'sign-out with a token that was used long ago': {
    does: ({ own, urls, random }) => signOut(random.pick(urls), own.issued[0]?.refreshToken ?? ''),
    ends: ['own'],
    waitsFor: ['session', 'log'],
  },
  'the replay of a token that was used long ago': {
    does: async ({ own, urls, random }) => {
      const answer = await refresh(random.pick(urls), own.issued[0]?.refreshToken ?? '')
      return answer.code === 'session_ended' ? null : answer
    },
    ends: ['own'],
    waitsFor: ['session', 'log'],
  },
  'sign-out everywhere': {
    does: (scene) => asBearer(scene, 'DELETE', paths.listSessions),
    ends: ['own', 'other'],
    waitsFor: ['session', 'user', 'log'],
  },
  'sign-out everywhere else': {
    does: (scene) => asBearer(scene, 'DELETE', `${paths.listSessions}?except=current`),
    ends: ['other'],
    waitsFor: ['session', 'user', 'log'],
  },
  'the revocation of that one session': {
    does: (scene) => asBearer(scene, 'DELETE', `${paths.listSessions}/${sidOf(scene.other.current)}`),
    ends: ['other'],
    waitsFor: ['session', 'log'],
  },
  'a new password': {
    does: (scene) =>
      asBearer(scene, 'POST', paths.changePassword, { currentPassword: password, newPassword }),
    ends: ['other'],
    endsSignIns: true,
    waitsFor: ['session', 'user', 'log'],
  },
  'an operator who disables the user': {
    does: ({ operator, userId }) => operator.users.disable(userId),
    ends: ['own', 'other'],
    endsSignIns: true,
    waitsFor: ['session', 'user', 'log'],
  },
  'an operator who revokes that one session': {
    does: ({ operator, other }) => operator.sessions.revoke(sidOf(other.current)),
    ends: ['other'],
    waitsFor: ['session', 'log'],
  },
  'an operator who revokes all sessions': {
    does: ({ operator, userId }) => operator.sessions.revokeAll(userId),
    ends: ['own', 'other'],
    waitsFor: ['session', 'user', 'log'],
  },
  'an operator who changes the roles': {
    does: ({ operator, userId }) => operator.users.setRoles(userId, ['finance']),
    ends: [],
    waitsFor: ['user', 'log'],
  },
  'the absolute end of that session': {
    does: ({ store, own }) =>
      store.query(`update session set "expiresAt" = ${Date.now()} where id = '${sidOf(own.current)}'`),
    ends: ['own'],
    waitsFor: ['session'],
  },
}

/** What a test can lock in the database: a row of the scene, or the revocation log, with everything that waits for it. */
const held = {
  session: ({ own, other }: Scene) =>
    `select 1 from session where id in ('${sidOf(own.current)}', '${sidOf(other.current)}') for update`,
  user: ({ userId }: Scene) => `select 1 from "user" where id = '${userId}' for update`,
  log: () => 'select pg_advisory_xact_lock(7255901)',
}

/** With an odd seed, PostgreSQL delays the event until all concurrent requests wait for it. */
const installations: [string, StoreKind, number[]][] = [
  ['two processes on one PostgreSQL database', 'PostgreSQL', [0, 1, 2, 3, 4, 5]],
  ['two processes on one SQLite file', 'SQLite', [0, 1, 2]],
]

describe.each(installations)('a refresh on %s at the same time as', (_, kind, seeds) => {
  let installation: Installation
  let operator: Sallyport['operator']
  beforeAll(async () => {
    const { clean, undo } = shared()
    installation = await startInstallation(kind, clean)
    const options = { ...testOptions, ...installation.store.options }
    const sallyport = await createSallyport(options, { log: recordingLog().log })
    clean(() => sallyport.close())
    operator = sallyport.operator
    return undo
  })

  test.each(Object.entries(endings))(
    '%s: exactly the right sessions end [R01, R07, R12, S09, S10]',
    async (name, ending) => {
      for (const seed of seeds) {
        const random = seededRandom(seed * 100 + name.length)
        const scene = await setTheScene(random)
        const signedIn = await play(scene, ending, kind === 'PostgreSQL' && seed % 2 === 1)
        for (const which of ['own', 'other'] as const) {
          if (ending.ends.includes(which)) await expectEnded(scene[which].issued, `${which}, seed ${seed}`)
          else await expectToGoOn(scene[which], `${which}, seed ${seed}`)
        }
        if (ending.endsSignIns) await expectEnded(signedIn, `a sign-in, seed ${seed}`)
        if (name.includes('password')) {
          expect((await login(installation.urls[0], scene.email)).status).toBe(401)
          await signIn(installation.urls[1], scene.email, newPassword)
        }
        if (name.includes('roles')) await expectRolesOf(scene, ['finance'])
      }
    },
  )

  async function setTheScene(random: Random): Promise<Scene> {
    const { urls, store } = installation
    const { email, userId, tokens } = await signUp(random.pick(urls))
    const own = new Lineage(tokens)
    own.issued.push(await refreshInTurn(urls, tokens, 2))
    const other = new Lineage(await signIn(random.pick(urls), email))
    return { urls, store, operator, random, email, userId, own, other }
  }

  /** Runs everything at once, and resolves when it has finished. Returns the tokens of concurrent sign-ins. */
  async function play(scene: Scene, ending: Ending, isHeldUp: boolean): Promise<Tokens[]> {
    const { own, other, random, urls, store, email } = scene
    const what = ending.endsSignIns && random.chance(0.5) ? 'user' : random.pick(ending.waitsFor)
    const { databaseUrl = '' } = store.options as { databaseUrl?: string }
    const hold = isHeldUp ? await holding(databaseUrl, held[what](scene)) : null

    const begun = Promise.withResolvers<void>()
    let answersBefore = hold === null ? random.below(8) : 0
    const onAnswer = () => {
      answersBefore -= 1
      if (answersBefore <= 0) begun.resolve()
    }
    if (answersBefore === 0) begun.resolve()
    const lines = [own, other].map((line) =>
      line.keepRefreshing(urls, seededRandom(random.below(2 ** 31)), onAnswer),
    )
    const signIns = ending.endsSignIns || random.chance(0.5) ? urls.map((url) => login(url, email)) : []

    const over = begun.promise.then(() => insist(() => ending.does(scene)))
    if (hold !== null) {
      // Refreshes wait for the rows of sessions, sign-ins for that of the user, and the event for either.
      const crowd = { session: 2, user: 1 + signIns.length, log: 1 }[what]
      await until('a crowd that waits', async () => (await countWaiting(store)) >= crowd)
      await hold.release()
    }
    await over
    for (const line of [own, other]) line.finish()
    await Promise.all(lines)
    const answers = await Promise.all(signIns)
    return answers.filter(({ status }) => status === 200).map(tokensOf)
  }

  async function expectEnded(issued: readonly Tokens[], which: string): Promise<void> {
    for (const url of installation.urls) {
      const answers = await Promise.all(issued.map(({ refreshToken }) => refresh(url, refreshToken)))
      expect(new Set(answers.map(({ status, code }) => `${status} ${code}`)), which).toEqual(
        new Set(issued.length > 0 ? ['401 session_ended'] : []),
      )
      const active = await Promise.all(issued.map(({ accessToken }) => isActive(url, accessToken)))
      expect(active.includes(true), which).toBe(false)
    }
  }

  async function expectToGoOn(line: Lineage, which: string): Promise<void> {
    expect(line.refusal, which).toBeNull()
    line.issued.push(await refreshInTurn(installation.urls, line.current, 3))
    for (const url of installation.urls)
      expect(await isActive(url, line.current.accessToken), which).toBe(true)
  }

  /** The newest tokens have the roles, and older ones are refused. */
  async function expectRolesOf({ own, other, urls }: Scene, roles: string[]): Promise<void> {
    for (const { current, issued } of [own, other]) {
      expect(claimsOf(current.accessToken).roles).toEqual(roles)
      const outdated = issued.filter(({ accessToken }) => claimsOf(accessToken).ver === 0)
      expect(outdated.length).toBeGreaterThan(0)
      for (const { accessToken } of outdated)
        for (const url of urls) expect(await isActive(url, accessToken)).toBe(false)
    }
  }
})

describe('a refresh whose row another writer changes', () => {
  async function signedUp() {
    const { urls, store } = await startInstallation('PostgreSQL', onTestFinished)
    const { databaseUrl = '' } = store.options as { databaseUrl?: string }
    const { tokens } = await signUp(urls[0])
    return { urls, store, databaseUrl, tokens }
  }

  test('is refused if the session has ended meanwhile [R12]', async () => {
    const { urls, store, databaseUrl, tokens } = await signedUp()
    // The end has changed the row without a commit; the refresh reads the old row, and waits for it.
    const log = await holding(databaseUrl, held.log())
    const ended = signOut(urls[0], tokens.refreshToken)
    await until('the end', async () => (await countWaiting(store)) === 1)
    const refreshed = refresh(urls[1], tokens.refreshToken)
    await until('the refresh', async () => (await countWaiting(store)) === 2)
    await log.release()
    expect((await ended).status).toBe(204)
    const { status, code } = await refreshed
    expect([status, code]).toEqual([401, 'session_ended'])
    expect(await store.query('select generation, "endReason" from session')).toEqual([
      { generation: 0, endReason: 'sign_out' },
    ])
  })

  test('decides again by the new row if the session was rotated twice [R03]', async () => {
    const { urls, store, databaseUrl, tokens } = await signedUp()
    // As a server does that has rotated twice before this one writes.
    const row = await holding(databaseUrl, `update session set generation = 2 where id = '${sidOf(tokens)}'`)
    const refreshed = refresh(urls[0], tokens.refreshToken)
    await until('the refresh', async () => (await countWaiting(store)) === 1)
    await row.release('commit')
    const { status, code } = await refreshed
    expect([status, code]).toEqual([401, 'session_ended'])
    expect(await store.query('select generation, "endReason" from session')).toEqual([
      { generation: 2, endReason: 'reuse' },
    ])
  })
})

/** Repeats until it is done: a busy server may have done nothing, or everything. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (let isRepeated = false; ; isRepeated = true) {
    const answer = (await work()) as Partial<Answer> | null
    const { status } = answer ?? {}
    if (typeof status !== 'number' || status < 300) return
    // A second try finds what the first has done.
    if (isRepeated && (status === 400 || status === 401)) return
    if (status !== 503) throw new Error(`The request was refused: ${JSON.stringify(answer)}`)
  }
}
