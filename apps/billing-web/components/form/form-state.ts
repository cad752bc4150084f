import type { Problem } from '@sallyport/next/server'
import { formatWait } from '../../account/wait.ts'

/** The state of a form after it was sent: messages and typed values. Without JavaScript, the server renders this state into the page. */
export type FormState = {
  /** A message for the whole form: the error, or the result. */
  message: string | null
  /** The errors of the fields. The key is the name of the field. */
  fields: Record<string, string>
  /** The typed values, without passwords, so that users need not type them again. */
  values: Record<string, string>
  isDone: boolean
  /** Whether the form must also ask for the user's password. */
  asksPassword?: boolean
  /** Whether the form must also ask for a code of the user's authenticator app. */
  asksCode?: boolean
  /** Whether the user must confirm who they are on another page first, because they have neither a password nor an authenticator app. */
  asksElsewhere?: boolean
  /** The number of responses. By this number, the page notices a second response, even if it has the same text. */
  answers: number
}

export const untouched: FormState = { message: null, fields: {}, values: {}, isDone: false, answers: 0 }

/** What a form must ask for before its action, when it is opened. */
export type Asks = { asksPassword: boolean; asksCode: boolean; asksElsewhere: boolean }

export const asksNothing: Asks = { asksPassword: false, asksCode: false, asksElsewhere: false }

/** Returns whether the form must ask the user who they are. */
export function asksForProof({ asksPassword, asksCode, asksElsewhere }: Partial<Asks>): boolean {
  return Boolean(asksPassword || asksCode || asksElsewhere)
}

/** Returns the state to show. Before the form is sent for the first time, the page says what the form must ask for. */
export function asking<State extends FormState>(state: State, asks: Partial<Asks>): State {
  return state.answers === 0 ? { ...state, ...asks } : state
}

/** Returns the state of a form with invalid fields. */
export function refusedFields(
  previous: FormState,
  values: Record<string, string>,
  fields: Record<string, string>,
  message: string | null = null,
): FormState {
  return { message, fields, values, isDone: false, answers: previous.answers + 1 }
}

/** A refusal of a service: the problem, and after how many seconds the user may try again, if the service said so. */
export type Refusal = { problem: Problem | null; retryAfterSeconds?: number }

/**
 * Returns the state of a form that a service refused. If an error is about a field that is not in `fieldNames`, it is shown above the form.
 */
export function refusedBy(
  refusal: Refusal,
  previous: FormState,
  values: Record<string, string>,
  fieldNames: readonly string[],
): FormState {
  const fields: Record<string, string> = {}
  const others: string[] = []
  for (const { field, message } of refusal.problem?.errors ?? []) {
    if (!fieldNames.includes(field)) others.push(message)
    else fields[field] ??= message
  }
  const said = Object.keys(fields).length > 0
  const message = others.length > 0 ? others.join(' ') : said ? null : sentenceFor(refusal)
  return refusedFields(previous, values, fields, message)
}

/** Returns the state of a form that succeeded. */
export function done(
  previous: FormState,
  values: Record<string, string>,
  message: string | null = null,
): FormState {
  return { message, fields: {}, values, isDone: true, answers: previous.answers + 1 }
}

/** Returns the sent values of the fields in `names`. All other fields, such as passwords and Next's own fields, are left out. */
export function typed(form: FormData, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = form.get(name)
      return [name, typeof value === 'string' ? value : '']
    }),
  )
}

const unreachable =
  'The service cannot be reached right now. Your input is still in the form. Try again in a moment.'

function sentenceFor({ problem, retryAfterSeconds }: Refusal): string {
  if (problem === null || problem.status >= 500) return unreachable
  if (problem.status === 429) {
    const wait = retryAfterSeconds === undefined ? 'a moment' : formatWait(retryAfterSeconds)
    return `Too many attempts. Wait ${wait}, then try again.`
  }
  return problem.detail ?? problem.title
}
