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
      <PageHeader title="Your data" note="Take it with you, or leave." />
      <div className="space-y-6">
        <Section title="Download" note="Your profile, your sessions and your activity, as one JSON file.">
          <DataDownload isFresh={await account.isFresh()} />
        </Section>
        <Section
          title="Delete your account"
          note="Nothing is gone at once: for 14 days, signing in keeps it."
        >
          <DeleteAccount />
        </Section>
      </div>
    </>
  )
}
