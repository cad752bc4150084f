import { challengeFor, type ErrorCode, errorTable } from '../../packages/protocol/src/index.ts'

/** Creates docs/errors.md from the error table. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { status, title, advice }]) => {
    const challenge = challengeFor(code as ErrorCode)
    return `| \`${code}\` | ${status} | ${title} | ${advice} | ${challenge ? `\`${challenge}\`` : ''} |`
  })
  return `<!-- Generated from packages/protocol/src/errors.ts by \`npm run docs\`. -->

# Errors

The body of every error response is \`application/problem+json\` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with a stable \`code\`. In your code, compare the \`code\`, not the title.

\`\`\`json
{
  "type": "urn:sallyport:error:invalid_request",
  "title": "The request does not have the form that this endpoint accepts.",
  "status": 400,
  "code": "invalid_request",
  "requestId": "0199c5a0-0000-7000-8000-000000000000",
  "errors": [{ "field": "email", "message": "Enter an email address, such as name@example.com." }]
}
\`\`\`

| code | status | title | what to do | \`WWW-Authenticate\` |
|---|---|---|---|---|
${rows.join('\n')}
`
}
