import { samplesOf } from '../../scripts/docs/samples.ts'
import { buildSmallApp, served } from '../system/small-app.ts'

const handler = 'app/api/auth/[...path]/route.ts'
const page = `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>
}
`

/** Builds and starts the smallest Next app with the auth server in it: the files of docs/your-server.md. */
export async function startNextApp(env: Record<string, string>) {
  const samples = new Map(samplesOf('docs/your-server.md').map(({ file, code }) => [file, code]))
  const sample = (file: string): string => samples.get(file) ?? ''
  const built = await buildSmallApp('tests/mounted', 'Building a Next app with the auth server in it', {
    'app/sallyport.ts': sample('app/sallyport.ts'),
    [handler]: sample(handler),
    'app/api/user/[...path]/route.ts': sample(handler),
    'app/.well-known/[...path]/route.ts': sample(handler).replace('../../../', '../../'),
    'app/layout.tsx': page,
    // Types are checked by docs/samples.test.ts.
    'next.config.ts': sample('next.config.ts').replace(
      ' }\n',
      ', typescript: { ignoreBuildErrors: true } }\n',
    ),
  })
  return served(built, (url) => ({ SALLYPORT_ISSUER: url, ...env }), '/.well-known/jwks.json')
}
