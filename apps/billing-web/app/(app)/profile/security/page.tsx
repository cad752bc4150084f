import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { auth, secondFactors } from '../../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../../billing/query.ts'
import { isConfirmed } from '../../../../components/form/confirm-identity.ts'
import { AuthenticatorApps } from '../../../../components/profile/authenticator-apps.tsx'
import { RecoveryCodesSection } from '../../../../components/profile/recovery-codes-section.tsx'
import { TrustedBrowsers } from '../../../../components/profile/trusted-browsers.tsx'
import { SessionsUnavailable } from '../../../../components/sessions/sessions-unavailable.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { FocusedNotice } from '../../../../components/surface/focused-notice.tsx'

export const metadata: Metadata = { title: 'Security' }

const path = '/profile/security'

/** Notices about what the user did before this page was opened. */
const notices: Record<string, string> = {
  added: 'The app is added. At the next sign-in, you can enter its codes.',
  renamed: 'The app has its new name.',
  removed: 'The app is removed. Its codes do not work any more.',
  gone: 'This app was removed already.',
  'asked-again': 'You are asked for a code again in every browser.',
}

export default async function SecurityPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ returnTo: path })
  const notice = queryValue(await searchParams, 'notice')
  const listed = await secondFactors.list()
  const nowMs = Date.now()
  if (!listed.ok && listed.problem.status === 401) redirect(addressOf('/login', { returnTo: path }))
  const header = (
    <PageHeader
      title="Security"
      note="With two-step verification, nobody can sign in to your account with the password alone."
    />
  )
  if (!listed.ok)
    return (
      <>
        {header}
        <SessionsUnavailable renderedAtMs={nowMs} />
      </>
    )
  const { factors, recoveryCodesLeft, isRequired, trustedBrowsers } = listed
  const asks = { asksPassword: !(await isConfirmed('strongest')), asksCode: factors.length > 0 }
  return (
    <>
      {header}
      <div className="space-y-6">
        {Object.hasOwn(notices, notice) && <FocusedNotice key={notice}>{notices[notice]}</FocusedNotice>}
        <AuthenticatorApps apps={factors} isRequired={isRequired} asks={asks} nowMs={nowMs} />
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
