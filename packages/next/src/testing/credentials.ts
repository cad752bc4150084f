/** Valid credentials. In production they are required. */
export const testCredentials = {
  frontendSecret: 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM',
  verifierSecret: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
}
