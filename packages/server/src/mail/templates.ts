import type { Letter } from './letter.ts'
import {
  type Asked,
  asked,
  firstLine,
  ignore,
  isolated,
  lasting,
  link,
  noLink,
  notYou,
  notYouFactor,
  time,
} from './phrases.ts'

/** The data that every template gets. */
export type Sender = {
  productName: string
  /** The address of the pages, including `basePath`, without a slash at the end. */
  appUrl: string
}

/** The data of each mail. Times are in milliseconds. A name is safe to show, and it may be empty (see `compose`). */
export type MailDetails = {
  verify_address: Asked & { token: string; validMinutes: number }
  passkey_sign_up: Asked & { token: string; validMinutes: number }
  address_taken: Asked & { name: string }
  reset_password: Asked & { name: string; token: string; validMinutes: number }
  password_changed: { name: string; at: number; device: string }
  confirm_new_address: Asked & { token: string; validMinutes: number }
  address_change_asked: { name: string; newEmail: string; at: number; device: string }
  address_changed: { name: string; newEmail: string; at: number }
  new_device: { name: string; at: number; device: string; address: string | null }
  sessions_ended: { name: string; at: number }
  account_deletion: Asked & { name: string; deleteAt: number }
  second_factor_added: { name: string; at: number; device: string }
  /** `device` is null if an operator has removed the factor. */
  second_factor_removed: { name: string; at: number; device: string | null; left: number }
  second_factor_removal_asked: { name: string; at: number; removeAt: number }
  recovery_codes_made: { name: string; at: number; device: string }
  recovery_code_used: { name: string; at: number; device: string; left: number }
  identity_linked: { name: string; provider: string; at: number; device: string }
  identity_unlinked: { name: string; provider: string; at: number; device: string }
  passkey_added: { name: string; at: number; device: string }
  passkey_removed: { name: string; at: number; device: string }
  passkey_copied: { name: string; at: number; device: string }
  sign_in: Asked & { name: string; code: string; token: string; validMinutes: number }
  password_removed: { at: number; device: string }
  /** `inviter` is the name of the person who invites. It may be empty, like the name of the organization (see `compose`). */
  invitation: { inviter: string; organization: string; token: string; validMinutes: number }
}

export type MailTemplate = keyof MailDetails

type Template<Name extends MailTemplate> = (details: MailDetails[Name], sender: Sender) => Letter

/** With this many recovery codes or fewer, the mail tells the user to make new ones. */
const fewRecoveryCodes = 3

/** The templates of all mails, by name. */
export const templates: { [Name in MailTemplate]: Template<Name> } = {
  verify_address: ({ token, validMinutes, ...when }, { productName, appUrl }) => ({
    subject: `Confirm your email address for ${productName}`,
    heading: 'Confirm your email address',
    paragraphs: [
      `Somebody signed up to ${productName} with this address and asked for this mail${asked(when)}. The link opens a page where you confirm the address with the password that was chosen at sign-up.`,
    ],
    action: { label: 'Confirm address', url: link(appUrl, '/verify', token) },
    notes: [`The link works once, for ${lasting(validMinutes)}.`, ignore],
  }),
  passkey_sign_up: ({ token, validMinutes, ...when }, { productName, appUrl }) => ({
    subject: `Create your ${productName} account`,
    heading: 'Create your account',
    paragraphs: [
      `Somebody, probably you, wants to sign up to ${productName} with this address${asked(when)}. The link opens a page where you create a passkey, and the account with it.`,
    ],
    action: { label: 'Create your passkey', url: link(appUrl, '/signup/passkey', token) },
    notes: [`The link works once, for ${lasting(validMinutes)}.`, ignore],
  }),
  address_taken: ({ name, ...when }, { productName, appUrl }) => ({
    subject: `You already have an account with ${productName}`,
    heading: 'You already have an account',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, tried to sign up to ${productName} with this address${asked(when)}, and it has an account already. The link opens the sign-in page.`,
      ),
    ],
    action: { label: 'Sign in', url: `${appUrl}/login` },
    notes: ['Forgotten the password? The sign-in page helps.', ignore],
  }),
  reset_password: ({ name, token, validMinutes, ...when }, { productName, appUrl }) => ({
    subject: `Choose a new password for ${productName}`,
    heading: 'Choose a new password',
    paragraphs: [
      firstLine(
        name,
        `somebody asked for a new password for your ${productName} account${asked(when)}. The link opens a page where you choose it.`,
      ),
    ],
    action: { label: 'Choose password', url: link(appUrl, '/reset', token) },
    notes: [
      `The link works once, for ${lasting(validMinutes)}. Anyone who has it can set the password: do not share it.`,
      ignore,
    ],
  }),
  password_changed: ({ name, at, device }, { productName }) => ({
    subject: `Your ${productName} password was changed`,
    heading: 'Your password was changed',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, changed the password of your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
      'Every other device was signed out.',
    ],
    notes: [notYou],
  }),
  confirm_new_address: ({ token, validMinutes, ...when }, { productName, appUrl }) => ({
    subject: `Confirm your new email address for ${productName}`,
    heading: 'Confirm your new address',
    paragraphs: [
      `Somebody with a ${productName} account asked to use this address for that account${asked(when)}. The link opens a page that confirms it, if you are signed in to that account or know its password.`,
    ],
    action: { label: 'Confirm new address', url: link(appUrl, '/verify-new-address', token) },
    notes: [
      `The link works once, for ${lasting(validMinutes)}. Nothing changes until you confirm the new address.`,
      ignore,
    ],
  }),
  address_change_asked: ({ name, newEmail, at, device }, { productName }) => ({
    subject: `Your ${productName} address is to be changed`,
    heading: 'Your address is to be changed',
    paragraphs: [
      firstLine(
        name,
        `somebody who is signed in to your ${productName} account asked to change its address to ${newEmail} on ${time(at)}, with ${device}. ${noLink}`,
      ),
      'The change takes effect once it is confirmed at the new address. A new password cancels it.',
    ],
    notes: [notYou],
  }),
  address_changed: ({ name, newEmail, at }, { productName }) => ({
    subject: `Your ${productName} address was changed`,
    heading: 'Your address was changed',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, changed the address of your ${productName} account to ${newEmail} on ${time(at)}. ${noLink}`,
      ),
      'You sign in with the new address now. You can no longer sign in with this address.',
    ],
    notes: [
      `If this was not you, write to ${productName} at once: a new password cannot be mailed to this address any more.`,
    ],
  }),
  new_device: ({ name, at, device, address }, { productName }) => ({
    subject: `New sign-in to ${productName}`,
    heading: 'New sign-in',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, signed in to your ${productName} account on a device that we have not seen before: ${device}, on ${time(at)}${address ? `, from ${address}` : ''}. ${noLink}`,
      ),
    ],
    notes: ['If this was you, you need not do anything.', notYou],
  }),
  sessions_ended: ({ name, at }, { productName, appUrl }) => ({
    subject: `We have ended a session of your ${productName} account`,
    heading: 'A session was ended for your safety',
    paragraphs: [
      firstLine(
        name,
        `somebody used an old session token of your ${productName} account on ${time(at)}, and we have ended that session. The link opens the list of your sessions.`,
      ),
      'This can mean that the token was stolen.',
    ],
    action: { label: 'Look at your sessions', url: `${appUrl}/profile/sessions` },
    notes: ['Sign in again where you were signed out.', notYou],
  }),
  account_deletion: ({ name, deleteAt, ...when }, { productName, appUrl }) => ({
    subject: `Your ${productName} account will be deleted`,
    heading: 'Your account will be deleted',
    paragraphs: [
      firstLine(
        name,
        `somebody who was signed in to your ${productName} account asked to delete it${asked(when)}. It will be deleted on ${time(deleteAt)}. The link opens the sign-in page, and signing in keeps the account.`,
      ),
      'You have been signed out everywhere.',
    ],
    action: { label: 'Keep the account', url: `${appUrl}/login` },
    notes: [notYou],
  }),
  second_factor_added: ({ name, at, device }, { productName }) => ({
    subject: `An authenticator app was added to your ${productName} account`,
    heading: 'An authenticator app was added',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, added an authenticator app to your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
      'You need a code of the app or a recovery code to sign in. Keep the recovery codes in a safe place.',
    ],
    notes: [notYouFactor(productName)],
  }),
  second_factor_removed: ({ name, at, device, left }, { productName }) => ({
    subject: `An authenticator app was removed from your ${productName} account`,
    heading: 'An authenticator app was removed',
    paragraphs: [
      firstLine(
        name,
        device === null
          ? `an operator of ${productName} removed an authenticator app from your account on ${time(at)}. ${noLink}`
          : `somebody, probably you, removed an authenticator app from your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
      left > 0
        ? 'The account still has another second factor.'
        : 'The account has no second factor now, and its recovery codes do not work any more.',
    ],
    notes: [notYouFactor(productName)],
  }),
  second_factor_removal_asked: ({ name, at, removeAt }, { productName, appUrl }) => ({
    subject: `An authenticator app will be removed from your ${productName} account`,
    heading: 'An authenticator app will be removed',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, told an operator of ${productName} on ${time(at)} that you have lost the authenticator app of your account. It will be removed on ${time(removeAt)}. The link opens the sign-in page.`,
      ),
      'If you sign in with a code of the app, a recovery code or a passkey before that time, the app will not be removed. If your browser is not asked for a code, use a private window.',
    ],
    action: { label: 'Sign in', url: `${appUrl}/login` },
    notes: ['If this was you, you need not do anything.', notYouFactor(productName)],
  }),
  recovery_codes_made: ({ name, at, device }, { productName }) => ({
    subject: `New recovery codes for your ${productName} account`,
    heading: 'New recovery codes',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, made new recovery codes for your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
      'The earlier recovery codes do not work any more.',
    ],
    notes: [notYouFactor(productName)],
  }),
  recovery_code_used: ({ name, at, device, left }, { productName }) => ({
    subject: `A recovery code of your ${productName} account was used`,
    heading: 'A recovery code was used',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, used a recovery code of your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
      `${left === 0 ? 'No recovery code is' : left === 1 ? 'One recovery code is' : `${left} recovery codes are`} left.${
        left <= fewRecoveryCodes ? ' Make new ones in your profile.' : ''
      }`,
    ],
    notes: [notYouFactor(productName)],
  }),
  identity_linked: ({ name, provider, at, device }, { productName }) => ({
    subject: `${provider} can now sign in to your ${productName} account`,
    heading: `${provider} was linked to your account`,
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, linked an account of ${provider} to your ${productName} account on ${time(at)}, with ${device}. That account can now sign in. ${noLink}`,
      ),
    ],
    notes: ['If this was not you, remove the link in your settings, and set a new password.'],
  }),
  identity_unlinked: ({ name, provider, at, device }, { productName }) => ({
    subject: `${provider} can no longer sign in to your ${productName} account`,
    heading: `The link to ${provider} was removed`,
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, removed the link between your ${productName} account and an account of ${provider} on ${time(at)}, with ${device}. ${noLink}`,
      ),
    ],
    notes: [notYou],
  }),
  passkey_added: ({ name, at, device }, { productName }) => ({
    subject: `A passkey was added to your ${productName} account`,
    heading: 'A passkey was added',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, added a passkey to your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
      'Whoever has the passkey can sign in to the account.',
    ],
    notes: ['If this was not you, sign in, remove the passkey and set a new password.'],
  }),
  passkey_removed: ({ name, at, device }, { productName }) => ({
    subject: `A passkey was removed from your ${productName} account`,
    heading: 'A passkey was removed',
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, removed a passkey from your ${productName} account on ${time(at)}, with ${device}. ${noLink}`,
      ),
    ],
    notes: [notYou],
  }),
  passkey_copied: ({ name, at, device }, { productName }) => ({
    subject: `A passkey of your ${productName} account may have been copied`,
    heading: 'A passkey may have been copied',
    paragraphs: [
      firstLine(
        name,
        `somebody used a passkey of your ${productName} account on ${time(at)}, with ${device}, and we have refused it. ${noLink}`,
      ),
      'The counter of the passkey was lower than before. This can mean that somebody has copied the passkey.',
    ],
    notes: [
      'If this passkey is a security key, sign in in another way, remove the passkey and add a new one.',
    ],
  }),
  sign_in: ({ name, code, token, validMinutes, ...when }, { productName, appUrl }) => ({
    subject: `Sign in to ${productName}`,
    heading: `Sign in to ${productName}`,
    paragraphs: [
      firstLine(
        name,
        `somebody, probably you, asked to sign in to your ${productName} account${asked(when)}. The link opens a page where you confirm the sign-in.`,
      ),
      'Or enter this code in the browser where you asked for this mail:',
    ],
    code,
    action: { label: 'Sign in', url: link(appUrl, '/login/link', token) },
    notes: [
      `The code and the link work for ${lasting(validMinutes)}, and only one of them works, once. Anyone who has the code or the link can sign in: we never ask you for them, so give them to nobody.`,
      ignore,
    ],
  }),
  password_removed: ({ at, device }, { productName, appUrl }) => ({
    subject: `Your ${productName} password was removed`,
    heading: 'Your password was removed',
    paragraphs: [
      `Somebody, probably you, signed in to your ${productName} account with a mailed code or link on ${time(at)}, with ${device}. The link opens the sign-in page, where you can ask for a new password.`,
      'This was the first proof that this address belongs to you. Somebody else could have signed up with it before, so we have removed the password, every linked account, every passkey and every authenticator app, and have signed out every device.',
    ],
    action: { label: 'Sign in', url: `${appUrl}/login` },
    notes: ['If this was not you, somebody else can read your mails.'],
  }),
  invitation: ({ inviter, organization, token, validMinutes }, { productName, appUrl }) => ({
    subject: `An invitation to ${productName}`,
    heading: 'You are invited',
    paragraphs: [
      `Somebody${inviter === '' ? '' : ` (${isolated(inviter)})`} invites you to ${organization === '' ? 'an organization' : `the organization ${isolated(organization)}`} on ${productName}. The link opens a page that shows the invitation. Nothing happens until you accept it there.`,
    ],
    action: { label: 'View invitation', url: link(appUrl, '/invitation', token) },
    notes: [
      `The invitation is for this email address only. It works once, for ${lasting(validMinutes)}.`,
      'If you do not know the organization, ignore this mail.',
    ],
  }),
}
