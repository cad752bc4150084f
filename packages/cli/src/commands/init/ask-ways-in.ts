import { InvalidArgumentError } from 'commander'
import type { WaysIn } from '../../scaffold/ways-in.ts'
import { ask } from '../../terminal/ask.ts'
import { say } from '../../terminal/print.ts'
import { Refusal } from '../refusal.ts'
import { parseProviders, parseSecondFactor, parseWays } from './ways-in-options.ts'

/** Asks on the terminal how users sign in. The Enter key chooses the default of each question. */
export async function askWaysIn(): Promise<Required<WaysIn>> {
  return {
    ways: await askUntilRight(
      'Ways to sign in: password, passkey, mail? [password,passkey] ',
      'password,passkey',
      parseWays,
    ),
    providers: await askUntilRight(
      'Outside providers: google, microsoft, github, oidc? [none] ',
      'none',
      parseProviders,
    ),
    secondFactor: await askUntilRight(
      'Second factor: off, optional, required, or roles:name,name? [optional] ',
      'optional',
      parseSecondFactor,
    ),
  }
}

async function askUntilRight<T>(question: string, usual: string, parse: (text: string) => T): Promise<T> {
  for (;;) {
    const answer = await ask(question)
    if (answer === null) throw new Refusal('Nothing was changed.')
    try {
      return parse(answer.trim() === '' ? usual : answer)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      await say(error.message)
    }
  }
}
