import type { Presented, RefreshState } from '../tokens/refresh-rule.ts'
import type { Step } from './explore.ts'
import { aTickPasses, inWords, type RefreshPolicy, standing, written } from './refresh-world.ts'

export type TheftOptions = {
  graceTicks: number
  /**
   * Whether a state that must not occur has occurred. `rounds` are the completed rounds (see `roundsAfter`) in their order, and `answered`
   * is the party that has just got a response (`o` for owner, `t` for thief).
   */
  isShared: (rounds: string, answered: string) => boolean
  /** Whether a meeting of the parties (see `roundsAfter`) resets the count of rounds. Default: true. */
  meetingsCount?: boolean
}

export const bothGoOn = 'thief and owner both go on'

/** Whether both parties have completed two rounds, in any order. The refresh rule makes this impossible (docs/refresh.md). */
export const twoRoundsEach = (rounds: string) => /o.*o/.test(rounds) && /t.*t/.test(rounds)
/** Whether one party has completed a round, then the other party, and then the first party again. */
export const threeTurns = (rounds: string) => /o.*t.*o|t.*o.*t/.test(rounds)
/** Whether a party has got a response although the other party has completed a round after this party's last round. */
export const overtakenIsAnswered = (rounds: string, answered: string) =>
  rounds.includes(answered) && !rounds.endsWith(answered)
/** Whether each party has completed two rounds, and rounds of the two parties alternated. */
export const fourTurns = (rounds: string) => /o.*t.*o.*t|t.*o.*t.*o/.test(rounds)

const parties = ['owner', 'thief'] as const
type Party = (typeof parties)[number]

/**
 * A session, and two parties that have tokens of it. Each party may send any token that it has ever received, at any time and any number of
 * times. This covers every delay, loss, repetition and order, for any number of open requests.
 */
export type Theft = {
  now: number
  row: RefreshState
  hands: Record<Party, readonly Presented[]>
  isStolen: boolean
  openedBy: Party
  /** When the server last answered each of the two parties. */
  answeredAt: Record<Party, number>
  /** The parties that have completed a round since the theft or the last meeting, in their order: `o` or `t`. */
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

/** Yields all possible steps: one party sends a token, one token is stolen (only once), or time passes. */
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
   * A party completes a round with a rotation if more than the grace period has passed since the last response to the other party.
   *
   * The parties meet if one of them repeats, within the grace period, a rotation of the other. Both then have the same token again, as
   * directly after the theft, so the count of rounds starts again.
   */
  function roundsAfter(theft: Theft, party: Party, kind: 'rotate' | 'repeat' | 'sibling'): string {
    const { now, row, rounds, isStolen, openedBy, answeredAt } = theft
    const other = party === 'owner' ? 'thief' : 'owner'
    if (!isStolen) return ''
    if (kind === 'repeat' && openedBy === other && now - row.openedAt <= graceTicks)
      return meetingsCount ? '' : rounds
    if (kind !== 'rotate' || now - answeredAt[other] <= graceTicks) return rounds
    // If one party completes more than two rounds one after the other, count only two.
    return `${rounds}${party[0]}`.replace(/(.)\1\1$/, '$1$1')
  }
}

/**
 * Returns a key of everything in a state that can affect later states. If the rule treats several tokens in the same way from now on, the
 * key contains only which party has any of them. For the older siblings of generation g, the key contains which party has one of them, and
 * which party has another one if that sibling begins the next generation.
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
