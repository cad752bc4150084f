import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { signInError } from '../../../../account/sign-in-error.ts'
import { auth, passkeys, providers, secondFactors } from '../../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../../billing/query.ts'
import { asksBefore } from '../../../../components/form/confirm-identity.ts'
import { AuthenticatorApps } from '../../../../components/profile/authenticator-apps.tsx'
import { LinkedProviders } from '../../../../components/profile/linked-providers.tsx'
import { Passkeys } from '../../../../components/profile/passkeys.tsx'
import { PasswordSection } from '../../../../components/profile/password-section.tsx'
import { PlannedRemovalNotice } from '../../../../components/profile/planned-removal-notice.tsx'
import { RecoveryCodesSection } from '../../../../components/profile/recovery-codes-section.tsx'
import { TrustedBrowsers } from '../../../../components/profile/trusted-browsers.tsx'
import { SessionsUnavailable } from '../../../../components/sessions/sessions-unavailable.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { FocusedNotice } from '../../../../components/surface/focused-notice.tsx'
import { Alert } from '../../../../components/surface/notice.tsx'

export const metadata: Metadata = { title: 'Ways to sign in' }

const path = '/profile/security'

/** Notices about what the user did before this page was opened. */
const notices: Record<string, string> = {
  added: 'The app is added. At the next sign-in, you can enter its codes.',
  renamed: 'The app has its new name.',
  removed: 'The app is removed. Its codes do not work any more.',
  gone: 'This app was removed already.',
  'passkey-added': 'The passkey is added. You can sign in with it from now on.',
  'passkey-renamed': 'The passkey has its new name.',
  'passkey-removed': 'The passkey is removed. Nobody can sign in with it any more.',
  'passkey-gone': 'This passkey was removed already.',
  linked: 'The provider is linked. You can sign in with it from now on.',
  unlinked: 'The provider is not linked any more.',
  'link-gone': 'This link was removed already.',
  kept: 'The planned removal is cancelled. You keep your second factors.',
  'asked-again': 'You are asked for a code again in every browser.',
}

export default async function SecurityPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ returnTo: path })
  const query = await searchParams
  const error = signInError(queryValue(query, 'error'))
  const [listed, ownPasskeys, offered, linked] = await Promise.all([
    secondFactors.list(),
    passkeys.list(),
    providers.list(),
    providers.linked(),
  ])
  const nowMs = Date.now()
  // The browser also comes back with this notice if it was redirected to the confirm page, and nothing was linked.
  const hasLinked = linked.ok && linked.identities.some(({ createdAt }) => nowMs - createdAt < 60_000)
  // The same for a confirmation that proved only one factor.
  const hasKept = listed.ok && !listed.plannedRemoval
  const asked = queryValue(query, 'notice')
  const notice = (asked === 'linked' && !hasLinked) || (asked === 'kept' && !hasKept) ? '' : asked
  if (!listed.ok && listed.problem.status === 401) redirect(addressOf('/login', { returnTo: path }))
  const header = (
    <PageHeader
      title="Ways to sign in"
      note={
        listed.ok && !listed.hasPassword
          ? 'You sign in without a password. A second way helps if you lose the first one.'
          : 'Add a passkey to sign in faster, and two-step verification to protect your password.'
      }
    />
  )
  if (!listed.ok)
    return (
      <>
        {header}
        <SessionsUnavailable renderedAtMs={nowMs} />
      </>
    )
  const { factors, recoveryCodesLeft, hasPassword, isRequired, trustedBrowsers, plannedRemoval } = listed
  const [asks, user] = await Promise.all([asksBefore('strongest'), auth.user()])
  return (
    <>
      {header}
      <div className="space-y-6">
        {error !== null && <Alert>{error}</Alert>}
        {error === null && Object.hasOwn(notices, notice) && (
          <FocusedNotice key={notice}>{notices[notice]}</FocusedNotice>
        )}
        {plannedRemoval && (
          <PlannedRemovalNotice
            removal={plannedRemoval}
            apps={factors}
            passkeys={ownPasskeys.ok ? ownPasskeys.passkeys : []}
          />
        )}
        <PasswordSection hasPassword={hasPassword} email={user?.email ?? ''} />
        {ownPasskeys.ok && <Passkeys passkeys={ownPasskeys.passkeys} nowMs={nowMs} />}
        {linked.ok && <LinkedProviders providers={offered} identities={linked.identities} nowMs={nowMs} />}
        <AuthenticatorApps
          apps={factors}
          hasPassword={hasPassword}
          isRequired={isRequired}
          asks={asks}
          nowMs={nowMs}
        />
        {factors.length > 0 && (
          <>
            <RecoveryCodesSection left={recoveryCodesLeft} asks={asks} />
            <TrustedBrowsers count={trustedBrowsers} />
          </>
        )}
      </div>
    </>
  )
}
