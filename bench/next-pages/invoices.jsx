const customers = [
  'Acme',
  'Globex',
  'Initech',
  'Umbrella',
  'Hooli',
  'Vandelay',
  'Soylent',
  'Stark',
  'Wayne',
  'Wonka',
]

const invoices = Array.from({ length: 25 }, (_, index) => ({
  number: `INV-2026-${String(index + 1).padStart(4, '0')}`,
  customer: customers[index % customers.length],
  status: index % 3 === 0 ? 'paid' : 'open',
  amount: 12_900 + index * 1_375,
}))

/** The content of every measured page: a list as long as the example's. */
export function Invoices({ reader }) {
  return (
    <main>
      <h1>Invoices</h1>
      <p>For {reader}</p>
      <table>
        <thead>
          <tr>
            <th>Number</th>
            <th>Customer</th>
            <th>Status</th>
            <th>Amount</th>
          </tr>
        </thead>
        <tbody>
          {invoices.map(({ number, customer, status, amount }) => (
            <tr key={number}>
              <td>{number}</td>
              <td>{customer}</td>
              <td>{status}</td>
              <td>{(amount / 100).toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  )
}
