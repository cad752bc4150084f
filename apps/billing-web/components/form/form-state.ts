import type { Problem } from '@sallyport/next/server'
import { formatWait } from '../../account/wait.ts'

/** What a form knows after it has been sent: what to show, and what was typed. Travels through the page when there is no JavaScript. */
export type FormState = {
  /** What there is to say about the whole, for the person: what is wrong with it, or once it is done, what came of it. */
  message: string | null
  /** What is wrong with one field, by its name. */
  fields: Record<string, string>
  /** What was typed, so that nobody types it twice. Never a password. */
  values: Record<string, string>
  isDone: boolean
  /** Counts the answers, so that the page notices a second one that reads like the first. */
  answers: number
}

export const untouched: FormState = { message: null, fields: {}, values: {}, isDone: false, answers: 0 }

/** The state of a form that was refused for what stands in it. */
export function refusedFields(
  previous: FormState,
  values: Record<string, string>,
  fields: Record<string, string>,
  message: string | null = null,
): FormState {
  return { message, fields, values, isDone: false, answers: previous.answers + 1 }
}

/** How a service refused: why, and after how long it makes sense to try again, where it said so. */
export type Refusal = { problem: Problem | null; retryAfterSeconds?: number }

/** The state of a form that a service refused. `fieldNames` are the form's own; anything else is told above it. */
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

/** The state of a form that went through. */
export function done(
  previous: FormState,
  values: Record<string, string>,
  message: string | null = null,
): FormState {
  return { message, fields: {}, values, isDone: true, answers: previous.answers + 1 }
}

/** What was sent, without what Next adds and without secrets. */
export function typed(form: FormData, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = form.get(name)
      return [name, typeof value === 'string' ? value : '']
    }),
  )
}

const unreachable = 'The service cannot be reached right now. What you typed is kept: try again in a moment.'

function sentenceFor({ problem, retryAfterSeconds }: Refusal): string {
  if (problem === null || problem.status >= 500) return unreachable
  if (problem.status === 429) {
    const wait = retryAfterSeconds === undefined ? 'a moment' : formatWait(retryAfterSeconds)
    return `Too many attempts. Wait ${wait}, then try again.`
  }
  return problem.detail ?? problem.title
}
