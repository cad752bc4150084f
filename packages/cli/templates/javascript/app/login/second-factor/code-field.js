/** The field for a code of the authenticator app. If `recovery` is not empty, it is for a recovery code. */
export function CodeField({ recovery = '', isRefused }) {
  return (
    <label className="sallyport-field">
      {recovery ? 'Recovery code' : 'Code from your app'}
      <input
        key={recovery}
        name={recovery ? 'recoveryCode' : 'code'}
        inputMode={recovery ? 'text' : 'numeric'}
        autoComplete={recovery ? 'off' : 'one-time-code'}
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby={isRefused ? 'refusal' : undefined}
        required
      />
    </label>
  )
}
