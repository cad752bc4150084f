import type { ActionResult } from '@sallyport/next/server'
import { secretIn } from '../../account/mailed-secret.ts'
import { refusedBy, refusedFields, typed } from '../form/form-state.ts'
import { atStep, type EntryState } from './entry-state.ts'

type Refused = Extract<ActionResult, { ok: false }>

/** Returns the secret of a form that was sent, and the values that may be shown again. */
export function sentLink(form: FormData): { token: string; values: Record<string, string> } {
  const { token: pasted = '' } = typed(form, ['token'])
  const token = secretIn(pasted)
  return { token, values: { token: token || pasted } }
}

/** Returns the state of a form with an invalid link. */
export function notALink(previous: EntryState, values: Record<string, string>): EntryState {
  const fields = { token: values.token ? 'This link is not complete.' : 'Paste the link from the mail.' }
  return atStep('form', refusedFields(previous, values, fields))
}

/**
 * Returns the state after the link or another field was refused. If the link is invalid, another step is shown, and the link is removed.
 */
export function refusedLink(
  result: Refused,
  previous: EntryState,
  values: Record<string, string>,
  fieldNames: readonly string[],
): EntryState {
  if (result.problem.code === 'link_invalid') return atStep('dead-link', refusedFields(previous, {}, {}))
  return atStep('form', refusedBy(result, previous, values, fieldNames))
}
