import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { Invoices } from '../../../../next-pages/invoices.jsx'
import { auth } from '../../better-auth.js'

export default async function BetterAuthPage() {
  const session = await auth.api.getSession({ headers: await headers() })
  if (!session) redirect('/login')
  return <Invoices reader={session.user.id} />
}
