import { NotFound } from '../../components/failure/not-found.tsx'

export default function AppNotFound() {
  return (
    <NotFound
      ways={[
        { href: '/invoices', label: 'To the invoices' },
        { href: '/customers', label: 'To the customers' },
      ]}
    />
  )
}
