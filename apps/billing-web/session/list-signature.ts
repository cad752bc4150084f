/** Returns a text for a list of sessions. If two lists have the same text, they show the same sessions with the same times. */
export function listSignature(sessions: readonly { id: string; lastUsedAt: number }[]): string {
  return sessions
    .map(({ id, lastUsedAt }) => `${id} ${lastUsedAt}`)
    .sort()
    .join('\n')
}
