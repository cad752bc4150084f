// Plain JavaScript: install.mjs runs on the machine's own Node, before anything is installed.

/**
 * Returns the arguments of `spawn` for a program that may be a batch file on Windows, as npm's own are: only cmd.exe runs those, and it gets
 * one line, in which each word is quoted (Node itself does not quote them). The path of a program needs no cmd.exe.
 *
 * @param {string} command
 * @param {readonly string[]} words
 * @param {NodeJS.Platform} [platform]
 * @returns {{ command: string, words: string[], shell: boolean }}
 */
export function spawnable(command, words, platform = process.platform) {
  if (platform !== 'win32' || /\.exe$/i.test(command)) return { command, words: [...words], shell: false }
  return { command: [command, ...words].map(quoted).join(' '), words: [], shell: true }
}

/** @param {string} word */
function quoted(word) {
  return /^[\w@+=:.,\\/-]+$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`
}
