import { paths } from '@sallyport/protocol/endpoints'
import type { Random } from '../../packages/server/src/testing/random.ts'
import { testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { keyringOf } from '../../packages/server/src/tokens/keyring.ts'
import { createRefreshTokens } from '../../packages/server/src/tokens/refresh-token.ts'
import {
  type Answer,
  login,
  refresh,
  register,
  send,
  sidOf,
  signOut,
  type Tokens,
  tokensOf,
} from '../processes/client.ts'
import type { Belief, Evidence, Place } from './judge.ts'

type Session = { id: string; tokens: Tokens; belief: Belief }
type Account = { email: string; passwords: string[]; isCertain: boolean; sessions: Session[] }

const refreshTokens = createRefreshTokens(keyringOf(testOptions.secret))

/** Returns the position of a refresh token in its session. */
export function placeOf(refreshToken: string): Place {
  const parsed = refreshTokens.parse(refreshToken)
  if (parsed === null) throw new Error('The server issued a refresh token of unknown form.')
  return { generation: parsed.generation, branch: parsed.branch }
}

/**
 * A client that records what responses have confirmed, and what is unknown. If there was no response, the request may have been processed
 * or not. It sends one request at a time, except that it sends several refreshes in parallel, as browsers do.
 */
export class HonestClient {
  readonly accounts: Account[] = []
  readonly evidence: Evidence[] = []
  readonly #random: Random
  readonly #name: string
  #made = 0

  constructor(name: string, random: Random) {
    this.#name = name
    this.#random = random
  }

  /** Performs one action of a user. Returns false if there was no response. */
  async act(urls: readonly string[]): Promise<boolean> {
    const url = () => this.#random.pick(urls)
    const account = this.accounts.length > 0 ? this.#random.pick(this.accounts) : undefined
    const live = account?.sessions.filter(({ belief }) => belief === 'live') ?? []
    const choice = this.#random.below(100)
    if (account === undefined || choice < 8) return this.#register(url())
    if (!account.isCertain) return this.#registerAgain(account, url())
    if (live.length === 0 || choice < 20) return this.#signIn(account, url())
    const session = this.#random.pick(live)
    if (choice < 75) return this.#refresh(session, urls)
    if (choice < 85) return this.#end(session, () => signOut(url(), session.tokens.refreshToken))
    if (choice < 90) return this.#endOther(account, session, url())
    if (choice < 95) return this.#endOthers(account, session, url())
    return this.#changePassword(account, session, url())
  }

  async #register(url: string): Promise<boolean> {
    this.#made += 1
    const email = `${this.#name}-${this.#made}@example.com`
    const account: Account = { email, passwords: [registrationPassword], isCertain: false, sessions: [] }
    this.accounts.push(account)
    const answer = await asked(() => register(url, email))
    if (answer?.status === 200) this.#open(account, answer)
    return answer !== null
  }

  /** Repeats once a sign-up that got no response. Either the account exists already, or it is created now. */
  async #registerAgain(account: Account, url: string): Promise<boolean> {
    const answer = await asked(() => register(url, account.email))
    if (answer?.status === 200) this.#open(account, answer)
    if (answer?.status === 409) account.isCertain = true
    return answer !== null
  }

  async #signIn(account: Account, url: string): Promise<boolean> {
    const secret = this.#random.pick(account.passwords)
    const answer = await asked(() => login(url, account.email, secret))
    if (answer?.status === 200) {
      account.passwords = [secret]
      this.#open(account, answer)
    } else if (answer?.status === 401) {
      // If two passwords were possible, the other one is right. If only one was possible, the fault is reported at the end.
      if (account.passwords.length > 1) account.passwords = account.passwords.filter((one) => one !== secret)
    }
    return answer !== null
  }

  #open(account: Account, answer: Answer): void {
    account.isCertain = true
    const tokens = tokensOf(answer)
    account.sessions.push({ id: sidOf(tokens), tokens, belief: 'live' })
  }

  async #refresh(session: Session, urls: readonly string[]): Promise<boolean> {
    const { refreshToken } = session.tokens
    const copies = this.#random.chance(0.3) ? 3 : 1
    const answers = await Promise.all(
      Array.from({ length: copies }, () => asked(() => refresh(this.#random.pick(urls), refreshToken))),
    )
    for (const answer of answers) {
      if (answer === null) continue
      if (answer.status === 200) {
        // A browser keeps the newest token that arrived.
        session.tokens = tokensOf(answer)
        const [from, to] = [placeOf(refreshToken), placeOf(session.tokens.refreshToken)]
        this.evidence.push({ kind: 'rotation', id: session.id, from, to })
      } else {
        this.evidence.push({ kind: 'refusal', id: session.id, code: answer.code })
        session.belief = 'unknown'
      }
    }
    return !answers.includes(null)
  }

  async #end(session: Session, ask: () => Promise<Answer>): Promise<boolean> {
    session.belief = 'unknown'
    const answer = await asked(ask)
    if (answer?.status === 204) session.belief = 'ended'
    return answer !== null
  }

  async #endOther(account: Account, own: Session, url: string): Promise<boolean> {
    const token = await this.#freshToken(own, url)
    const other = this.#random.pick(account.sessions)
    if (token === null || other === own || other.belief === 'ended') return token !== null
    return this.#end(other, () => send(url, 'DELETE', `${paths.listSessions}/${other.id}`, { token }))
  }

  async #endOthers(account: Account, own: Session, url: string): Promise<boolean> {
    const token = await this.#freshToken(own, url)
    if (token === null) return false
    return this.#whileOthersEnd(account, own, () =>
      send(url, 'DELETE', `${paths.listSessions}?except=current`, { token }),
    )
  }

  async #changePassword(account: Account, own: Session, url: string): Promise<boolean> {
    const [currentPassword] = account.passwords
    if (account.passwords.length !== 1 || currentPassword === undefined) return this.#signIn(account, url)
    const token = await this.#freshToken(own, url)
    if (token === null) return false
    this.#made += 1
    const newPassword = `${this.#name} has password ${this.#made}`
    account.passwords = [currentPassword, newPassword]
    const body = { currentPassword, newPassword }
    const isAnswered = await this.#whileOthersEnd(account, own, async () => {
      const answer = await send(url, 'POST', paths.changePassword, { token, body })
      if (answer.status === 204) account.passwords = [newPassword]
      return answer
    })
    return isAnswered
  }

  async #whileOthersEnd(account: Account, own: Session, ask: () => Promise<Answer>): Promise<boolean> {
    const others = account.sessions.filter((session) => session !== own && session.belief !== 'ended')
    for (const other of others) other.belief = 'unknown'
    const answer = await asked(ask)
    if (answer !== null && answer.status < 300) for (const other of others) other.belief = 'ended'
    return answer !== null
  }

  /** Returns a new access token. Returns null if the refresh was refused or got no response. */
  async #freshToken(session: Session, url: string): Promise<string | null> {
    const isAnswered = await this.#refresh(session, [url])
    return isAnswered && session.belief === 'live' ? session.tokens.accessToken : null
  }
}

const registrationPassword = 'open the second door'

/** Returns the response. Returns null if there was none, or if its status (500 or higher) leaves the outcome unknown. */
async function asked(ask: () => Promise<Answer>): Promise<Answer | null> {
  const answer = await ask().catch(() => null)
  return answer === null || answer.status >= 500 ? null : answer
}
