import { styleText } from 'node:util'

/** Returns a log line of a child process in readable form. Our JSON lines become a sentence. Other lines are not changed. */
export function readableLine(line: string): string {
  if (!line.startsWith('{')) return line
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line)
  } catch {
    return line
  }
  const level = Number(entry.level)
  const text = String(entry.msg ?? '')
  const request = entry.method
    ? `${entry.method} ${entry.route ?? entry.path ?? ''} ${entry.status ?? ''}`
    : ''
  const took = typeof entry.ms === 'number' ? `${Math.round(entry.ms)} ms` : ''
  const why = level >= 40 && entry.reason ? `: ${entry.reason}` : ''
  const code = entry.code ? `(${entry.code}${why})` : ''
  const sentence = [request || text, code, took].filter(Boolean).join(' ')
  return level >= 50 ? styleText('red', sentence) : level >= 40 ? styleText('yellow', sentence) : sentence
}
