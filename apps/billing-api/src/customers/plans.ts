import type { Database } from '../database/database.ts'
import type { Plan } from './customer.ts'

/** Returns all plans, the cheapest first. */
export function listPlans(database: Database): Plan[] {
  return database.all<Plan>('SELECT id, name, monthly_amount AS monthlyAmount FROM plan ORDER BY position')
}
