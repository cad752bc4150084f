import type { Metadata } from 'next'
import { auth } from '../../../../auth.ts'
import { type Query, queryValue } from '../../../../billing/query.ts'
import { asksOwner } from '../../../../components/form/confirm-identity.ts'
import { AddressChange } from '../../../../components/profile/address-change.tsx'
import { AddressProof } from '../../../../components/profile/address-proof.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { ForgetNotice } from '../../../../components/surface/forget-notice.tsx'
import { Done } from '../../../../components/surface/notice.tsx'
import { Section } from '../../../../components/surface/section.tsx'

export const metadata: Metadata = { title: 'Email address' }

export default async function AddressPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ returnTo: '/profile/address' })
  const user = await auth.user()
  const asks = await asksOwner()
  const isChanged = queryValue(await searchParams, 'notice') === 'changed'
  return (
    <>
      <PageHeader
        title="Email address"
        note={
          asks.asksPassword
            ? 'You sign in with this address. We also send notices to it.'
            : 'We send notices to this address.'
        }
      />
      <div className="space-y-6">
        {isChanged && (
          <>
            <ForgetNotice />
            <Done>Your new email address is confirmed. Use it to sign in from now on.</Done>
          </>
        )}
        {user && (
          <Section title="Current address">
            <AddressProof email={user.email} isVerified={user.emailVerified} />
          </Section>
        )}
        <Section
          title="Change address"
          note="Your address changes only after you open the link that we send to the new address."
        >
          <AddressChange asks={asks} />
        </Section>
      </div>
    </>
  )
}
