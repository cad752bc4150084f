import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/**/*.test.ts',
      'scripts/**/*.test.ts',
      'docs/**/*.test.ts',
      'bench/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    globalSetup: 'scripts/test/postgres.ts',
    // Many of these wait for processes and browsers: one worker would leave half of two cores idle.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})
