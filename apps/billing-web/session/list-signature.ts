/** Two lists with the same signature show the same sessions with the same times. */
export function listSignature(sessions: readonly { id: string; lastUsedAt: number }[]): string {
  return sessions
    .map(({ id, lastUsedAt }) => `${id} ${lastUsedAt}`)
    .sort()
    .join('\n')
}
