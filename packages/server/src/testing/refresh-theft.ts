import type { Presented, RefreshState } from '../tokens/refresh-rule.ts'
import type { Step } from './explore.ts'
import { aTickPasses, inWords, type RefreshPolicy, standing, written } from './refresh-world.ts'

export type TheftOptions = {
  graceTicks: number
  /** Whether a state that must not occur has occurred: by the rounds in order, and who was just answered (`o` or `t`). */
  isShared: (rounds: string, answered: string) => boolean
  /** Whether a meeting resets the count. Default: true. */
  meetingsCount?: boolean
}

export const bothGoOn = 'thief and owner both go on'

/** Whether both have completed two rounds, in any order, which the refresh rule excludes (docs/refresh.md). */
export const twoRoundsEach = (rounds: string) => /o.*o/.test(rounds) && /t.*t/.test(rounds)
/** Whether one, the other and the first again have completed a round. */
export const threeTurns = (rounds: string) => /o.*t.*o|t.*o.*t/.test(rounds)
/** Whether the party that was overtaken, with its last round before the other's last, gets any further response. */
export const overtakenIsAnswered = (rounds: string, answered: string) =>
  rounds.includes(answered) && !rounds.endsWith(answered)
/** Whether each has completed two turns. */
export const fourTurns = (rounds: string) => /o.*t.*o.*t|t.*o.*t.*o/.test(rounds)

const parties = ['owner', 'thief'] as const
type Party = (typeof parties)[number]

/**
 * A session and two parties with tokens of it. Each may send any token that it ever received, at any time, any number of times. This covers
 * every delay, loss, repetition and order, for any number of open requests.
 */
export type Theft = {
  now: number
  row: RefreshState
  hands: Record<Party, readonly Presented[]>
  isStolen: boolean
  openedBy: Party
  /** When the server last answered each of the two. */
  answeredAt: Record<Party, number>
  /** Who completed a round since the theft or the last meeting, in order: `o` or `t`. */
  rounds: string
  isRevoked: boolean
}

export function newTheft(): Theft {
  return {
    now: 0,
    row: { generation: 0, parentBranch: -1, branches: 1, openedAt: 0 },
    hands: { owner: [{ generation: 0, branch: 0 }], thief: [] },
    isStolen: false,
    openedBy: 'owner',
    answeredAt: { owner: Number.NEGATIVE_INFINITY, thief: Number.NEGATIVE_INFINITY },
    rounds: '',
    isRevoked: false,
  }
}

/** Yields all possible steps: either party sends a token, one is stolen (once), time passes. */
export function theftStepsOf(
  policy: RefreshPolicy,
  { graceTicks, isShared, meetingsCount = true }: TheftOptions,
): (theft: Theft) => Iterable<Step<Theft>> {
  return function* (theft) {
    const { now, row, hands, isStolen } = theft
    if (theft.isRevoked) return
    for (const party of parties) {
      for (const token of hands[party]) {
        const decision = policy(row, token, now, graceTicks)
        const does = `the ${party} sends ${written(token)}: ${inWords(decision)}`
        if (decision.kind === 'reuse' || decision.kind === 'restored') {
          yield { does, to: { ...theft, isRevoked: true } }
          continue
        }
        const rounds = roundsAfter(theft, party, decision.kind)
        const to = {
          ...theft,
          row: 'next' in decision ? decision.next : row,
          hands: { ...hands, [party]: [...hands[party], decision.answer] },
          openedBy: decision.kind === 'rotate' ? party : theft.openedBy,
          answeredAt: { ...theft.answeredAt, [party]: now },
          rounds,
        }
        yield isShared(rounds, party.slice(0, 1)) ? { does, to, breaks: bothGoOn } : { does, to }
      }
    }
    for (const token of isStolen ? [] : hands.owner)
      yield {
        does: `${written(token)} is stolen`,
        to: { ...theft, isStolen: true, hands: { ...hands, thief: [token] } },
      }
    yield { does: aTickPasses, to: { ...theft, now: now + 1 } }
  }

  /**
   * A round: a rotation that is answered later than the grace after the last answer to the other.
   * A meeting: a repeat, within the grace, of a rotation by the other. Both hold the same token again, as at the theft, so the count starts
   * again.
   */
  function roundsAfter(theft: Theft, party: Party, kind: 'rotate' | 'repeat' | 'sibling'): string {
    const { now, row, rounds, isStolen, openedBy, answeredAt } = theft
    const other = party === 'owner' ? 'thief' : 'owner'
    if (!isStolen) return ''
    if (kind === 'repeat' && openedBy === other && now - row.openedAt <= graceTicks)
      return meetingsCount ? '' : rounds
    if (kind !== 'rotate' || now - answeredAt[other] <= graceTicks) return rounds
    // Two rounds of one party in succession count like twenty.
    return `${rounds}${party[0]}`.replace(/(.)\1\1$/, '$1$1')
  }
}

/**
 * Returns a key of everything that can affect the future. Of tokens that are never distinguished again, only who has any; of the older siblings
 * of g, who has one, and who would have others if that one began the next generation.
 */
export function theftKeyOf({ graceTicks }: TheftOptions): (theft: Theft) => string {
  return ({ now, row, hands, isStolen, openedBy, answeredAt, rounds, isRevoked }) => {
    if (isRevoked) return 'revoked'
    const holders = new Map<string, { standing: string; who: string }>()
    for (const party of parties)
      for (const token of hands[party]) {
        const name = written(token)
        const who = holders.get(name)?.who ?? ''
        if (!who.endsWith(party)) holders.set(name, { standing: standing(row, token), who: who + party })
      }
    const held = (what: string) =>
      [...holders.values()].filter((one) => one.standing === what).map(({ who }) => who)
    const any = (whose: string[]) =>
      parties.filter((party) => whose.some((who) => who.includes(party))).join('')
    const siblings = held('sibling').map((who, index, all) => `${who} or ${any(all.toSpliced(index, 1))}`)
    const age = (since: number) => Math.min(now - since, graceTicks + 1)
    return [
      isStolen,
      age(row.openedAt),
      openedBy,
      age(answeredAt.owner),
      age(answeredAt.thief),
      rounds,
      held('newest'),
      [...new Set(siblings)].sort(),
      held('parent'),
      any(held('aside')),
      any(held('old')),
    ].join(';')
  }
}
