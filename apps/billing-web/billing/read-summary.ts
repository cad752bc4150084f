import { api } from '../auth.ts'
import { type Summary, type SummaryAnswer, summaryFrom } from './summary.ts'

/** The key figures of the dashboard, as of now. */
export async function readSummary(): Promise<Summary> {
  return summaryFrom(await api.get<SummaryAnswer>('/summary'))
}
