import type { Metadata } from 'next'
import { auth } from '../../../../auth.ts'
import { type Query, queryValue } from '../../../../billing/query.ts'
import { asksBefore, asksOwner } from '../../../../components/form/confirm-identity.ts'
import { DataDownload } from '../../../../components/profile/data-download.tsx'
import { DeleteAccount } from '../../../../components/profile/delete-account.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { Section } from '../../../../components/surface/section.tsx'

export const metadata: Metadata = { title: 'Your data' }

export default async function DataPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ returnTo: '/profile/data' })
  const [asksFirst, asks] = await Promise.all([asksBefore('strongest'), asksOwner()])
  const isOpen = queryValue(await searchParams, 'open') === 'delete'
  return (
    <>
      <PageHeader title="Your data" note="Download your data, or delete your account." />
      <div className="space-y-6">
        <Section title="Download" note="Your profile, your sessions and your activity, as one JSON file.">
          <DataDownload asks={asksFirst} />
        </Section>
        <Section
          title="Delete your account"
          note="The account is deleted after 14 days. To keep it, sign in before then."
        >
          <DeleteAccount asks={asks} isOpen={isOpen} />
        </Section>
      </div>
    </>
  )
}
