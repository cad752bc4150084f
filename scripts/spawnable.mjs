// This file is plain JavaScript, because install.mjs uses it on the machine's own Node, before anything is installed.

/**
 * Returns the arguments of `spawn` for a program that may be a batch file on Windows, such as npm. Only cmd.exe can run batch files.
 * cmd.exe gets one line. This function quotes each word of the line, because Node does not. If the command is the path of a program,
 * cmd.exe is not needed.
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
