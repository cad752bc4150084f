// The sentences and parts of sentences that several mails have.

/** The time and the device of the request. Both members are missing in mails that an earlier version has queued. */
export type Asked = { at?: number; device?: string }

/** For users with and without a password: a new one signs out everybody else. */
export const notYou = 'If this was not you, set a new password: somebody else may use your account.'
export const notYouFactor = (productName: string) =>
  `If this was not you, set a new password and write to ${productName} at once: somebody else may use your account.`
export const ignore = 'If you did not ask for this, you need not do anything.'
export const noLink = 'This mail has no link.'

/**
 * Returns the first line of a mail: who requested what, and what happens after a click. `said` begins with a small letter.
 */
export function firstLine(name: string, said: string): string {
  return name === '' ? said.charAt(0).toUpperCase() + said.slice(1) : `Hello ${isolated(name)}, ${said}`
}

/**
 * Returns a name for a sentence. A right-to-left name is put between isolate characters, so that it does not reorder the text around it
 * (Unicode Standard Annex 9).
 */
export function isolated(name: string): string {
  const isRightToLeft =
    /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u.test(
      name,
    )
  return isRightToLeft ? `\u2068${name}\u2069` : name
}

export const asked = ({ at, device }: Asked) =>
  at === undefined || device === undefined ? '' : ` on ${time(at)}, with ${device}`

/** Returns a link whose secret is in the fragment. Servers, logs, `Referer` headers and mail scanners do not receive the fragment. */
export const link = (appUrl: string, path: string, token: string) => `${appUrl}${path}#token=${token}`

export const time = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

export const lasting = (minutes: number) =>
  minutes % 60 === 0 ? (minutes === 60 ? 'an hour' : `${minutes / 60} hours`) : `${minutes} minutes`
