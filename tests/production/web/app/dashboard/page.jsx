import { api, auth } from '../../auth'

export default async function Dashboard() {
  const { userId } = await auth.require()
  const invoices = await api.get('/invoices')
  return (
    <h1>
      {userId} has {invoices.total} invoices
    </h1>
  )
}
