import { type FormState, untouched } from '../form/form-state.ts'

/** A form whose way leads by a mailbox: the form itself, `check your mail`, or a mailed link that works no more. */
export type EntryState = FormState & {
  step: 'form' | 'mailed' | 'dead-link'
  /** Whether mails of this installation can be read on a page of its own, because it is somebody's try-out. */
  hasInbox: boolean
}

export const firstStep: EntryState = { ...untouched, step: 'form', hasInbox: false }

/** The state of a form, shown as this step. */
export function atStep(step: EntryState['step'], state: FormState, hasInbox = false): EntryState {
  return { ...state, step, hasInbox }
}
