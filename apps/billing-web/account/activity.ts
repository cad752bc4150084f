/** One kind of line in the trail, as its owner reads it. */
export type ActivityWords = {
  text: string
  /** Whether it went wrong, or is worth a second look where it was not oneself. */
  tone: 'plain' | 'refused'
}

/** What the trail calls it, in the words of the person whose account it is. Neither accuses: it was mostly themselves. */
const succeeded: Readonly<Record<string, string>> = {
  sign_up: 'Sign-up with your address',
  sign_in: 'Signed in',
  sign_out: 'Signed out',
  session_ended: 'A session was signed out',
  sessions_ended: 'Several sessions were signed out',
  refresh_reuse: 'A session was ended: an outdated key to it was used',
  session_restored: 'A session was ended: the service was restored from a backup',
  reauthentication: 'Password confirmed',
  password_change: 'Password changed',
  password_reset_asked: 'Link for a new password asked for',
  password_reset: 'New password set by a mailed link',
  address_verification_asked: 'Link to confirm your address asked for',
  address_verified: 'Email address confirmed',
  address_change_asked: 'Change of email address asked for',
  address_change: 'Email address changed',
  account_deletion_asked: 'Account marked for deletion',
  account_kept: 'Deletion called off by signing in',
  data_download: 'Your data was downloaded',
  roles_change: 'Your role was changed',
  user_disabled: 'Your account was disabled',
  user_enabled: 'Your account was enabled again',
  user_unlocked: 'Wrong passwords were forgotten by an operator',
}

const refused: Readonly<Record<string, string>> = {
  sign_in: 'Sign-in failed',
  reauthentication: 'Wrong password when asked to confirm it',
  password_change: 'Password change refused',
  address_change_asked: 'Change of email address refused',
  account_deletion_asked: 'Deletion of the account refused',
}

/** An action of the trail in words; one that is newer than these pages is told by its name. */
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
