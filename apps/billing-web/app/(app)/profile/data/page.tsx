import type { Metadata } from 'next'
import { account, auth } from '../../../../auth.ts'
import { DataDownload } from '../../../../components/profile/data-download.tsx'
import { DeleteAccount } from '../../../../components/profile/delete-account.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { Section } from '../../../../components/surface/section.tsx'

export const metadata: Metadata = { title: 'Your data' }

export default async function DataPage() {
  await auth.require({ returnTo: '/profile/data' })
  return (
    <>
      <PageHeader title="Your data" note="Download your data, or delete your account." />
      <div className="space-y-6">
        <Section title="Download" note="Your profile, your sessions and your activity, as one JSON file.">
          <DataDownload isFresh={await account.isFresh()} />
        </Section>
        <Section
          title="Delete your account"
          note="The account is deleted after 14 days. To keep it, sign in before then."
        >
          <DeleteAccount />
        </Section>
      </div>
    </>
  )
}
