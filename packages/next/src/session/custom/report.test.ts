import { expect, it, onTestFinished, vi } from 'vitest'

it('logs each warning once, and at most a hundred warnings', async () => {
  const complaints = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => void complaints.mockRestore())
  vi.resetModules()
  const { report } = await import('./report.ts')
  for (const message of ['one', 'two', 'one', 'two']) report(message)
  expect(complaints.mock.calls).toEqual([['Sallyport, customIssuer: one'], ['Sallyport, customIssuer: two']])
  for (let told = 0; told < 200; told += 1) report(`another ${told}`)
  expect(complaints).toHaveBeenCalledTimes(100)
  expect(complaints).toHaveBeenLastCalledWith('Sallyport, customIssuer: another 97')
})
