export const customerStatuses = ['active', 'churned', 'trial'] as const
export type CustomerStatus = (typeof customerStatuses)[number]

/** A plan. Its amount is a whole number of cents. */
export type Plan = { id: string; name: string; monthlyAmount: number }

export type Customer = {
  id: string
  /** The name of the contact person. */
  name: string
  email: string
  company: string
  /** The country code (ISO 3166-1 alpha-2), such as `SE`. */
  country: string
  /** The current plan. During a trial, it is the plan that the customer tries. If the customer has left, it is the last plan. */
  plan: Plan
  status: CustomerStatus
  /** The monthly recurring revenue in cents: the price of the plan and of the additional seats. */
  mrr: number
  createdAt: number
  churnedAt: number | null
}

/** The SQL condition of each status. It uses the tables in {@link customerTables}. */
export const statusConditions: Record<CustomerStatus, string> = {
  churned: 'c.churned_at IS NOT NULL',
  active: 'c.churned_at IS NULL AND s.id IS NOT NULL',
  trial: 'c.churned_at IS NULL AND s.id IS NULL',
}

/** The tables that contain a customer, the customer's plan, and the active subscription if there is one. */
export const customerTables = `
  customer c JOIN plan p ON p.id = c.plan_id
  LEFT JOIN subscription s ON s.customer_id = c.id AND s.ended_at IS NULL`
export const customerColumns = `
  c.id, c.name, c.email, c.company, c.country, c.created_at AS createdAt, c.churned_at AS churnedAt,
  p.id AS planId, p.name AS planName, p.monthly_amount AS planMonthlyAmount,
  coalesce(s.monthly_amount, 0) AS mrr,
  CASE WHEN ${statusConditions.churned} THEN 'churned' WHEN ${statusConditions.active} THEN 'active' ELSE 'trial' END AS status`

export type CustomerRow = Omit<Customer, 'plan'> & {
  planId: string
  planName: string
  planMonthlyAmount: number
}

export function toCustomer(row: CustomerRow): Customer {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    company: row.company,
    country: row.country,
    plan: { id: row.planId, name: row.planName, monthlyAmount: row.planMonthlyAmount },
    status: row.status,
    mrr: row.mrr,
    createdAt: row.createdAt,
    churnedAt: row.churnedAt,
  }
}
