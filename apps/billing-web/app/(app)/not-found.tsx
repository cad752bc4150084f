import { NotFound } from '../../components/failure/not-found.tsx'

export default function AppNotFound() {
  return (
    <NotFound
      ways={[
        { href: '/invoices', label: 'Go to invoices' },
        { href: '/customers', label: 'Go to customers' },
      ]}
    />
  )
}
