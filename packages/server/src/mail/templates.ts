import type { Letter } from './letter.ts'

/** What every template may use. */
export type Sender = {
  productName: string
  /** The address of the pages, without a slash at its end. */
  appUrl: string
}

/** What each mail is filled with. Times are milliseconds. */
export type MailDetails = {
  verify_address: { name: string; token: string; validMinutes: number }
  address_taken: { name: string }
  reset_password: { name: string; token: string; validMinutes: number }
  password_changed: { name: string; at: number; device: string }
  confirm_new_address: { name: string; token: string; validMinutes: number }
  address_change_asked: { name: string; newEmail: string; at: number; device: string }
  address_changed: { name: string; newEmail: string; at: number }
  new_device: { name: string; at: number; device: string; address: string | null }
  sessions_ended: { name: string; at: number }
  account_deletion: { name: string; deleteAt: number }
}

export type MailTemplate = keyof MailDetails

type Template<Name extends MailTemplate> = (details: MailDetails[Name], sender: Sender) => Letter

const notYou = 'If this was not you, change your password: somebody else may know it.'
const ignore = 'If you did not ask for this, you need not do anything.'
const hello = (name: string) => `Hello ${name},`

/** The secret stands in the fragment: no server, log, Referer or mail scanner that follows links ever sees it (P03, P04). */
const link = (appUrl: string, path: string, token: string) => `${appUrl}${path}#token=${token}`

const time = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const lasting = (minutes: number) =>
  minutes % 60 === 0 ? (minutes === 60 ? 'an hour' : `${minutes / 60} hours`) : `${minutes} minutes`

/** Every mail that is ever sent, by name. */
export const templates: { [Name in MailTemplate]: Template<Name> } = {
  verify_address: ({ name, token, validMinutes }, { productName, appUrl }) => ({
    subject: `Confirm your email address for ${productName}`,
    heading: 'Confirm your email address',
    paragraphs: [
      hello(name),
      `Please confirm that this address is yours, and your ${productName} account is ready.`,
    ],
    action: { label: 'Confirm address', url: link(appUrl, '/verify', token) },
    notes: [`The link works once, for ${lasting(validMinutes)}.`, ignore],
  }),
  address_taken: ({ name }, { productName, appUrl }) => ({
    subject: `You already have an account with ${productName}`,
    heading: 'You already have an account',
    paragraphs: [
      hello(name),
      `Somebody, probably you, has tried to sign up to ${productName} with this address. There is an account for it already.`,
    ],
    action: { label: 'Sign in', url: `${appUrl}/login` },
    notes: ['Forgotten the password? The sign-in page helps.', ignore],
  }),
  reset_password: ({ name, token, validMinutes }, { productName, appUrl }) => ({
    subject: `Choose a new password for ${productName}`,
    heading: 'Choose a new password',
    paragraphs: [hello(name), `You can choose a new password for your ${productName} account now.`],
    action: { label: 'Choose password', url: link(appUrl, '/reset', token) },
    notes: [`The link works once, for ${lasting(validMinutes)}.`, ignore],
  }),
  password_changed: ({ name, at, device }, { productName }) => ({
    subject: `Your ${productName} password was changed`,
    heading: 'Your password was changed',
    paragraphs: [
      hello(name),
      `Your password was changed on ${time(at)}, with ${device}. Every other device was signed out.`,
    ],
    notes: [notYou],
  }),
  confirm_new_address: ({ name, token, validMinutes }, { productName, appUrl }) => ({
    subject: `Confirm your new email address for ${productName}`,
    heading: 'Confirm your new address',
    paragraphs: [hello(name), `From then on you sign in to ${productName} with this address.`],
    action: { label: 'Confirm new address', url: link(appUrl, '/verify-new-address', token) },
    notes: [`The link works once, for ${lasting(validMinutes)}. Until then nothing changes.`, ignore],
  }),
  address_change_asked: ({ name, newEmail, at, device }, { productName }) => ({
    subject: `Your ${productName} address is to be changed`,
    heading: 'Your address is to be changed',
    paragraphs: [
      hello(name),
      `On ${time(at)}, with ${device}, a change of your address to ${newEmail} was asked for. It takes effect once the new address is confirmed.`,
    ],
    notes: [notYou],
  }),
  address_changed: ({ name, newEmail, at }, { productName }) => ({
    subject: `Your ${productName} address was changed`,
    heading: 'Your address was changed',
    paragraphs: [
      hello(name),
      `Since ${time(at)} you sign in with ${newEmail}. This address opens the account no more.`,
    ],
    notes: [notYou],
  }),
  new_device: ({ name, at, device, address }, { productName }) => ({
    subject: `New sign-in to ${productName}`,
    heading: 'New sign-in',
    paragraphs: [
      hello(name),
      `Your account was opened on a device that we have not seen before: ${device}, on ${time(at)}${address ? `, from ${address}` : ''}.`,
    ],
    notes: ['If this was you, all is well.', notYou],
  }),
  sessions_ended: ({ name, at }, { productName, appUrl }) => ({
    subject: `We have ended a session of your ${productName} account`,
    heading: 'A session was ended for your safety',
    paragraphs: [
      hello(name),
      `On ${time(at)} an outdated key to your account was used. That can mean that it was stolen, so the session it belongs to has been ended.`,
    ],
    action: { label: 'Look at your sessions', url: `${appUrl}/profile/sessions` },
    notes: ['Sign in again where you were signed out.', notYou],
  }),
  account_deletion: ({ name, deleteAt }, { productName, appUrl }) => ({
    subject: `Your ${productName} account will be deleted`,
    heading: 'Your account will be deleted',
    paragraphs: [
      hello(name),
      `As you wished, your account and everything in it will be deleted on ${time(deleteAt)}. You have been signed out everywhere.`,
    ],
    action: { label: 'Keep the account', url: `${appUrl}/login` },
    notes: ['Sign in before then, and it stays.', notYou],
  }),
}
