import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { Invoices } from '../../../../next-pages/invoices.jsx'
import { cachedAuth } from '../../better-auth.js'

export default async function CachedBetterAuthPage() {
  const session = await cachedAuth.api.getSession({ headers: await headers() })
  if (!session) redirect('/login')
  return <Invoices reader={session.user.id} />
}
