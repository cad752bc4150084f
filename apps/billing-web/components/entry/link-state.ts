import type { ActionResult } from '@sallyport/next/server'
import { secretIn } from '../../account/mailed-secret.ts'
import { refusedBy, refusedFields, typed } from '../form/form-state.ts'
import { atStep, type EntryState } from './entry-state.ts'

type Refused = Extract<ActionResult, { ok: false }>

/** The secret in a sent form, and what of the form may be shown again. */
export function sentLink(form: FormData): { token: string; values: Record<string, string> } {
  const { token: pasted = '' } = typed(form, ['token'])
  const token = secretIn(pasted)
  return { token, values: { token: token || pasted } }
}

/** The state of a form whose link is not a link of ours. */
export function notALink(previous: EntryState, values: Record<string, string>): EntryState {
  const fields = { token: values.token ? 'This is not the whole link.' : 'Paste the link from the mail.' }
  return atStep('form', refusedFields(previous, values, fields))
}

/** The state after a link was refused, or what was sent with it; a dead link is a step of its own, and is kept nowhere. */
export function refusedLink(
  result: Refused,
  previous: EntryState,
  values: Record<string, string>,
  fieldNames: readonly string[],
): EntryState {
  if (result.problem.code === 'link_invalid') return atStep('dead-link', refusedFields(previous, {}, {}))
  return atStep('form', refusedBy(result, previous, values, fieldNames))
}
