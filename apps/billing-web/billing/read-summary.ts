import { api } from '../auth.ts'
import { type Summary, type SummaryAnswer, summaryFrom } from './summary.ts'

/** Returns the current key figures of the dashboard. */
export async function readSummary(): Promise<Summary> {
  return summaryFrom(await api.get<SummaryAnswer>('/summary'))
}
