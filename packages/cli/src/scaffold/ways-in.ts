/** The ways to sign in that can be switched on and off. The password is always one of them. */
export const ways = ['password', 'passkey', 'mail'] as const
export type Way = (typeof ways)[number]
/** The providers with settings in the environment, and the settings that each of them needs. */
export const providers = {
  google: ['CLIENT_ID', 'CLIENT_SECRET'],
  microsoft: ['TENANT', 'CLIENT_ID', 'CLIENT_SECRET'],
  github: ['CLIENT_ID', 'CLIENT_SECRET'],
  oidc: ['ISSUER', 'LABEL', 'CLIENT_ID', 'CLIENT_SECRET'],
} as const
export type Provider = keyof typeof providers

/** Who needs a second factor: nobody may have one, users may, users with these roles must, or all must. */
export type SecondFactor = { policy: 'off' | 'optional' | 'required' } | { policy: 'roles'; roles: string[] }

/** How users of an app sign in. A member is missing if it was not chosen: then the default of the server applies. */
export type WaysIn = { ways?: Way[]; providers?: Provider[]; secondFactor?: SecondFactor }

/** A setting of the server. It is a comment in the file if its value must be filled in first. */
export type ChosenSetting = { name: string; value: string; meaning: string; isComment?: true }

/**
 * Returns the ways that an earlier run of this command has written. `settings` are the settings of the auth server, and `text` is the text of
 * their file, because settings that must be filled in first are comments.
 */
export function waysInBefore(settings: NodeJS.Dict<string>, text: string): WaysIn {
  const {
    SALLYPORT_PASSKEYS: passkeys,
    SALLYPORT_MAILED_SIGN_IN: mail,
    SALLYPORT_SECOND_FACTOR: policy,
    SALLYPORT_SECOND_FACTOR_ROLES: roles,
  } = settings
  const known = (Object.keys(providers) as Provider[]).filter((name) =>
    text.includes(`SALLYPORT_${name.toUpperCase()}_CLIENT_ID=`),
  )
  return {
    ...((passkeys ?? mail) !== undefined && {
      ways: ways.filter(
        (way) => way === 'password' || (way === 'passkey' ? passkeys === '1' : mail === 'on'),
      ),
    }),
    ...(known.length > 0 && { providers: known }),
    ...(roles
      ? { secondFactor: { policy: 'roles' as const, roles: roles.split(',') } }
      : (policy === 'off' || policy === 'optional' || policy === 'required') && { secondFactor: { policy } }),
  }
}

/** Returns the settings of the auth server for the chosen ways. `pages` is the address of the pages, including `basePath`. */
export function settingsOf(chosen: WaysIn, pages: string): ChosenSetting[] {
  return [
    ...(chosen.ways === undefined ? [] : settingsOfWays(chosen.ways)),
    ...(chosen.secondFactor === undefined ? [] : settingsOfSecondFactor(chosen.secondFactor)),
    ...(chosen.providers ?? []).flatMap((name) => settingsOfProvider(name, pages)),
  ]
}

function settingsOfWays(chosen: readonly Way[]): ChosenSetting[] {
  const passkeys = chosen.includes('passkey')
  return [
    {
      name: 'SALLYPORT_PASSKEYS',
      value: passkeys ? '1' : '0',
      meaning: passkeys ? 'users can sign in with a passkey' : 'nobody can sign in with a passkey',
    },
    ...(chosen.includes('mail')
      ? [
          {
            name: 'SALLYPORT_MAILED_SIGN_IN',
            value: 'on',
            meaning: 'users can sign in with a mailed code or link',
          },
          {
            name: 'SALLYPORT_DEVELOPMENT_INBOX',
            value: '1',
            meaning:
              'shows all mails at /api/development/inbox; in production, set SALLYPORT_SMTP_URL and SALLYPORT_MAIL_FROM instead',
          },
        ]
      : [
          {
            name: 'SALLYPORT_MAILED_SIGN_IN',
            value: 'off',
            meaning: 'nobody can sign in with a mailed code or link',
          },
        ]),
  ]
}

function settingsOfSecondFactor(chosen: SecondFactor): ChosenSetting[] {
  const name = 'SALLYPORT_SECOND_FACTOR'
  if (chosen.policy !== 'roles')
    return [{ name, value: chosen.policy, meaning: 'the second factor: off, optional or required' }]
  return [
    { name, value: 'optional', meaning: 'the second factor: off, optional or required' },
    {
      name: 'SALLYPORT_SECOND_FACTOR_ROLES',
      value: chosen.roles.join(','),
      meaning: 'roles whose users must set up a second factor',
    },
  ]
}

function settingsOfProvider(provider: Provider, pages: string): ChosenSetting[] {
  const address = `${pages}/api/auth/providers/${provider}/callback`
  return providers[provider].map((member, at) => ({
    name: `SALLYPORT_${provider.toUpperCase()}_${member}`,
    value: '',
    meaning:
      at === 0
        ? `${provider}: register your app there with the redirect address ${address}, then fill this in`
        : `${provider}: as above`,
    isComment: true,
  }))
}
