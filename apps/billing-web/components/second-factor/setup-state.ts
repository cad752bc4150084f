import type { ActionResult, TotpStarted } from '@sallyport/next/server'
import { done, type FormState, refusedBy, refusedFields, untouched } from '../form/form-state.ts'

/** The state of the form that sets up an authenticator app. `step` says what is shown. */
export type SetupState = FormState & {
  step: 'start' | 'scan' | 'codes'
  /** The new authenticator app, which is not confirmed yet. */
  setup: TotpStarted | null
  /** The new recovery codes. They are shown only once. */
  recoveryCodes: readonly string[]
}

export const setupStart: SetupState = { ...untouched, step: 'start', setup: null, recoveryCodes: [] }

/** Returns the state in which the QR code is shown. */
export function scanStep(previous: SetupState, { id, secret, uri, qrCode }: TotpStarted): SetupState {
  return { ...setupStart, ...done(previous, {}), step: 'scan', setup: { id, secret, uri, qrCode } }
}

/** Returns the state in which the recovery codes are shown. */
export function codesStep(previous: SetupState, recoveryCodes: readonly string[]): SetupState {
  return { ...setupStart, ...done(previous, {}), step: 'codes', recoveryCodes }
}

/** Returns the state after a step was refused. The same step is shown again. */
export function refusedStep(previous: SetupState, refusal: Extract<ActionResult, { ok: false }>): SetupState {
  return { ...previous, ...refusedBy(refusal, previous, {}, ['code']) }
}

/** Returns the state after the form was sent without a code. */
export function withoutCode(previous: SetupState): SetupState {
  return { ...previous, ...refusedFields(previous, {}, { code: 'Enter the code.' }) }
}
