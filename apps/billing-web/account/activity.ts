/** The text for one audit event. */
export type ActivityWords = {
  text: string
  /** How the text is shown. `refused` is for failures, and for events that the user should check. */
  tone: 'plain' | 'refused'
}

/** Texts for the actions of the audit log. They are neutral, because usually the user has done the action. */
const succeeded: Readonly<Record<string, string>> = {
  sign_up: 'Signed up with your email address',
  sign_in: 'Signed in',
  sign_out: 'Signed out',
  session_ended: 'A session was signed out',
  sessions_ended: 'Several sessions were signed out',
  refresh_reuse: 'A session was ended because an old token of it was used',
  session_restored: 'A session was ended because the service was restored from a backup',
  reauthentication: 'Identity confirmed',
  password_change: 'Password changed',
  password_reset_asked: 'Link for a new password requested',
  password_reset: 'New password set with a mailed link',
  address_verification_asked: 'Link to confirm your email address requested',
  address_verified: 'Email address confirmed',
  address_change_asked: 'Change of email address requested',
  address_change: 'Email address changed',
  account_deletion_asked: 'Account marked for deletion',
  account_kept: 'Deletion canceled by signing in',
  data_download: 'Your data was downloaded',
  roles_change: 'Your role was changed',
  user_disabled: 'Your account was disabled',
  user_enabled: 'Your account was enabled again',
  user_unlocked: 'Your account was unlocked by an operator',
}

const refused: Readonly<Record<string, string>> = {
  sign_in: 'Sign-in failed',
  reauthentication: 'Confirmation of your identity failed',
  password_change: 'Password change refused',
  address_change_asked: 'Change of email address refused',
  account_deletion_asked: 'Deletion of the account refused',
}

/** Returns the text for an action. If the action is unknown, its name is shown. */
export function activityWords(action: string, result: 'success' | 'refused'): ActivityWords {
  const text = known(succeeded, action) ?? byName(action)
  if (result === 'success') return { text, tone: action === 'refresh_reuse' ? 'refused' : 'plain' }
  return { text: known(refused, action) ?? `Refused: ${text}`, tone: 'refused' }
}

function known(words: Readonly<Record<string, string>>, action: string): string | undefined {
  return Object.hasOwn(words, action) ? words[action] : undefined
}

function byName(action: string): string {
  const words = action.replace(/[^a-z]+/gi, ' ').trim()
  return words === '' ? 'Something changed' : words.charAt(0).toUpperCase() + words.slice(1).toLowerCase()
}
